import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { isAwsError, type AwsClient } from '../../layers/core/aws.ts';
import { IncidentId } from '../../layers/core/incident.ts';
import { StepInput } from '../../layers/core/step.ts';
import { through } from '../../layers/runtime/calls.ts';
import { clientDefaults } from '../../layers/runtime/client-defaults.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { lambda } from '../../layers/runtime/lambda.ts';
import type { Approval } from '../../layers/runtime/kb/control.ts';

/** What the command line sends, in a signed call. */
export const AnswerInput = z.object({
  incidentId: IncidentId,
  /** Which question, when the answer is to one question only; else the incident's last. */
  approvalId: z.string().optional(),
  approve: z.boolean(),
  /** Who answers: the caller's ARN, or a name a person knows. */
  approver: z.string().min(1, 'supply approver, who answers'),
});
export type AnswerInput = z.infer<typeof AnswerInput>;

export type AnswerOutput =
  | { readonly accepted: true; readonly message: string }
  | { readonly accepted: false; readonly why: 'late' | 'answered' | 'unknown'; readonly message: string };

const stepFunctions = through('states', () => new SFNClient(clientDefaults()) as AwsClient);

/** Takes one answer, in time, once, and lets the execution go on with it. Says so when it came late, twice or for nothing. */
export const handler = lambda(
  'approval-answer',
  AnswerInput,
  async ({ approvalId, ...input }, { now }): Promise<AnswerOutput> => {
    const answered = await kb.control.answer({ ...input, ...(approvalId ? { approvalId } : {}), now: now() });
    if (answered.accepted) return sendOn(answered, now(), noLongerWaits);
    if (answered.why === 'unknown')
      return { accepted: false, why: 'unknown', message: `nothing is asked about incident ${input.incidentId}` };
    const { approval } = answered;
    if (answered.why === 'late')
      return {
        accepted: false,
        why: 'late',
        message: `too late: the question expired at ${approval.expiresAt}; the incident was escalated`,
      };
    // The same person's same answer may have been lost on its way: sending it on again is harmless.
    if (approval.approver === input.approver && approval.approved === input.approve)
      return sendOn(approval, now(), () => standsAlready(approval));
    return standsAlready(approval);
  },
);

const standsAlready = ({ approved, approver, answeredAt }: Approval): AnswerOutput => ({
  accepted: false,
  why: 'answered',
  message: `it was ${approved ? 'approved' : 'refused'} by ${approver} at ${answeredAt} already: that answer stands`,
});

const noLongerWaits = (error: Error): AnswerOutput => ({
  accepted: false,
  why: 'late',
  message: `the answer was noted, but the execution no longer waits for it (${error.name})`,
});

/** @param gone what to say when the execution does not wait for an answer any more */
async function sendOn(approval: Approval, now: string, gone: (error: Error) => AnswerOutput): Promise<AnswerOutput> {
  const { incidentId, approver = 'unknown', approved = false } = approval;
  const asked = await lastQuestion(incidentId);
  const verdict = approved ? 'approved' : 'refused';
  const because = approved ? '' : 'approval-refused';
  const entry = await kb.audit.append({
    incidentId,
    eventId: `${approval.approvalId}#answered`,
    at: now,
    state: 'AwaitApproval',
    attempt: approval.attempt,
    verdict,
    why: [`${verdict} by ${approver}`],
    saw: { approvalId: approval.approvalId, planHash: approval.planHash },
  });
  const next: StepInput = { ...asked, step: asked.step + 1, verdict, because, waitSeconds: 0, auditHead: entry.hash };
  try {
    await stepFunctions.send(new SendTaskSuccessCommand({ taskToken: approval.token, output: JSON.stringify(next) }));
  } catch (error) {
    if (!isAwsError(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) throw error;
    return gone(error as Error);
  }
  return { accepted: true, message: `${verdict}: incident ${incidentId} goes on` };
}

/** The input of the state that waits: it was written down with the question. */
async function lastQuestion(incidentId: string): Promise<StepInput> {
  const trail = await kb.audit.trail(incidentId);
  const question = trail.findLast(({ state, verdict }) => state === 'AwaitApproval' && verdict === 'asked');
  if (!question)
    throw new Error(`incident ${incidentId} has an approval and no question in its trail: it cannot be answered`);
  return StepInput.parse(question.result);
}
