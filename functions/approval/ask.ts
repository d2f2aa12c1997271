import * as z from 'zod';
import { shortName } from '../../layers/core/arn.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { Candidate } from '../../layers/core/plan.ts';
import { redactDeep } from '../../layers/core/redact.ts';
import { StepInput } from '../../layers/core/step.ts';
import { actionNamed } from '../recover/catalogue.ts';
import { describeMutation, type Intent } from '../decide/intent.ts';
import { percent } from '../../layers/core/units.ts';

/** What the state AwaitApproval sends: the uniform input, and the token that its answer goes to. */
export const AskInput = StepInput.extend({ taskToken: z.string().min(1, 'supply the task token of AwaitApproval') });
export type AskInput = z.infer<typeof AskInput>;

/** What a person is asked. */
export const ApprovalRequest = z.object({
  kind: z.literal('approval'),
  approvalId: z.string(),
  incidentId: z.string(),
  resource: z.string(),
  action: z.string(),
  risk: z.string(),
  intent: z.array(z.string()),
  why: z.array(z.string()),
  costIfWrong: z.string(),
  undo: z.string(),
  reasonsNot: z.array(z.string()),
  expiresAt: z.string(),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** Pure. */
export function requestOf(
  incident: Incident,
  candidate: Candidate,
  intent: Intent,
  approvalId: string,
  expiresAt: string,
): ApprovalRequest {
  const action = actionNamed(candidate.action);
  const [first] = incident.diagnosis?.hypotheses ?? [];
  return redactDeep<ApprovalRequest>({
    kind: 'approval',
    approvalId,
    incidentId: incident.incidentId,
    resource: candidate.resource,
    action: `${candidate.action}: ${action.summary}`,
    risk: candidate.risk,
    intent: intent.mutations.map(describeMutation),
    why: [...(first ? [`${first.fault} (${percent(first.confidence)})`, ...first.because] : []), ...candidate.because],
    costIfWrong: `${percent(action.disruption)} of the capacity is gone for up to ${Math.round(action.settles.atMost / 60)} min${action.destroysEvidence ? ', and what is in memory is lost' : ''}`,
    undo: action.undo
      ? 'it is undone by itself when it does not help, where nobody has changed it since'
      : 'it has no inverse, and leaves nothing to undo',
    reasonsNot: [...intent.reasonsNot],
    expiresAt,
  });
}

/** No link decides anything: only the signed call of the command line does. The last line is the same as JSON. */
export function textOf(request: ApprovalRequest): string {
  return [
    `May Prunella run ${request.action} on ${request.resource}? It waits until ${request.expiresAt}.`,
    '',
    'It would change',
    ...request.intent.map((line) => `- ${line}`),
    'Why',
    ...request.why.map((line) => `- ${line}`),
    ...request.reasonsNot.map((line) => `- it cannot run at this moment: ${line}`),
    `If it is wrong: ${request.costIfWrong}.`,
    `How it is undone: ${request.undo}.`,
    '',
    `Yes: npx prunella approve ${request.incidentId}`,
    `No:  npx prunella deny ${request.incidentId}`,
    '',
    JSON.stringify(request),
  ].join('\n');
}

export const subjectOf = ({ resource, action }: ApprovalRequest): string =>
  `Prunella asks: ${action.split(':')[0]} on ${shortName(resource)}?`;
