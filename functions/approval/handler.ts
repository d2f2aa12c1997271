import { addSeconds } from '../../layers/core/units.ts';
import { config } from '../../layers/runtime/env.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { lambda } from '../../layers/runtime/lambda.ts';
import { publish } from '../../layers/runtime/notify.ts';
import { intentOf } from '../decide/intent.ts';
import { AskInput, requestOf, subjectOf, textOf } from './ask.ts';

/** The name under which the trail holds what was asked; the answer is written beside it. */
const askedEvent = (step: number): string => `AwaitApproval#${step}`;

/**
 * Asks a person. What this answers goes nowhere: the state waits for the task token. A retry brings another token, which
 * replaces the one that nobody can answer any more, and asks nobody twice.
 */
export const handler = lambda('approval', AskInput, async ({ taskToken, ...input }, { now }) => {
  const { incidentId, attempt } = input;
  const [incident, plan] = await Promise.all([kb.incidents.get(incidentId), kb.incidents.plan(incidentId)]);
  const candidate = plan?.candidates[0];
  if (!candidate)
    throw new Error(`incident ${incidentId} must have a plan with a candidate before a person is asked, got none`);
  const intent = await intentOf(candidate);
  const asked = now();
  const expiresAt = addSeconds(asked, config().policy.approvalTimeout);
  const before = await kb.control.approval(incidentId, attempt);
  const approvalId = await kb.control.ask({
    incidentId,
    attempt,
    planHash: intent.planHash,
    intent: intent.mutations,
    token: taskToken,
    expiresAt,
  });
  const isRepeated = before !== undefined && before.approvalId === approvalId;
  if (!isRepeated) {
    const request = requestOf(incident, candidate, intent, approvalId, expiresAt);
    await publish(subjectOf(request), textOf(request));
  }
  await kb.audit.append({
    incidentId,
    eventId: askedEvent(input.step),
    at: asked,
    state: 'AwaitApproval',
    attempt,
    verdict: 'asked',
    why: [`a person is asked for ${candidate.action} on ${candidate.resource} until ${expiresAt}`],
    saw: { approvalId, planHash: intent.planHash, intent: intent.mutations, expiresAt },
    result: input,
  });
  return { approvalId };
});
