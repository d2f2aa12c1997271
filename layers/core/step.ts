import * as z from 'zod';
import { IncidentId } from './incident.ts';
import { redact } from './redact.ts';

/** The states of heal.asl.json that a function stands behind. */
export const State = z.enum([
  'Detect',
  'Diagnose',
  'Decide',
  'AwaitApproval',
  'Recover',
  'Verify',
  'VerifyUndo',
  'Rollback',
  'Learn',
  'Escalate',
  'Close',
]);
export type State = z.infer<typeof State>;

/** What a Catch hands on: Lambda's cause is JSON with the error that the function threw. */
const Caught = z.object({ Error: z.string().default('an error without a name'), Cause: z.string().default('') });
const Thrown = z.object({ errorMessage: z.string() });
/** Of a cause, this much is told. */
const LONGEST_CAUSE = 300;

function describeFailure({ Error: name, Cause: cause }: z.infer<typeof Caught>): string {
  const said = redact(thrown(cause)).slice(0, LONGEST_CAUSE);
  return said === '' ? name : `${name}: ${said}`;
}

function thrown(cause: string): string {
  try {
    return Thrown.safeParse(JSON.parse(cause)).data?.errorMessage ?? cause;
  } catch {
    return cause;
  }
}

/**
 * What passes between the states of an incident: small, and the same for each. A state's Payload is built from it field
 * by field; a function answers with the whole of it, its `step` one higher.
 */
export const StepInput = z.object({
  schema: z.literal(1),
  incidentId: IncidentId,
  /** How many steps were taken: with the state's name it makes the audit event's id, so that a retry writes once. */
  step: z.number().int().nonnegative(),
  /** The attempt in hand; 0 before the first. */
  attempt: z.number().int().nonnegative(),
  /** How often Verify looked at this attempt. */
  looks: z.number().int().nonnegative(),
  /** What a Choice reads. */
  verdict: z.string(),
  /** Why the last state decided so: an ending's cause, or empty. */
  because: z.string(),
  waitSeconds: z.number().int().nonnegative(),
  /** The error that a step of ours failed with for good, and the beginning of its cause, redacted; empty while none did. */
  failure: z.union([z.string(), Caught.transform(describeFailure)]).default(''),
  /** Head of the audit chain after the last state: the execution's history anchors it. */
  auditHead: z.string(),
});
export type StepInput = z.infer<typeof StepInput>;

/** What a step function decides; the runtime completes it to the next `StepInput`. */
export interface Decided<Verdict extends string> {
  readonly verdict: Verdict;
  /** Plain sentences for the audit trail: what was seen, and why this verdict. */
  readonly why: readonly string[];
  readonly because?: string;
  readonly waitSeconds?: number;
  readonly attempt?: number;
  readonly looks?: number;
  /** Further facts for the audit entry; plain JSON, redacted, under 8 KB. */
  readonly saw?: Readonly<Record<string, unknown>>;
}
