import type { Incident } from '../core/incident.ts';
import { redactDeep } from '../core/redact.ts';
import { StepInput } from '../core/step.ts';
import type { Decided, State } from '../core/step.ts';
import type { Verdict } from '../core/verdicts.ts';
import * as kb from './kb/index.ts';
import { lambda } from './invocation.ts';
import type { Handler, LambdaContext } from './invocation.ts';

/** What a state's function is given besides its input. */
export interface StepContext extends LambdaContext {
  readonly incident: Incident;
  readonly kb: typeof kb;
}

/** Of what a state saw, this much goes into its audit entry: an item of DynamoDB holds 400 KB, a reader less. */
const LONGEST_SAW = 8_000;

/**
 * A state of heal.asl.json. It loads the incident, runs `fn`, appends what was seen and decided to the audit trail, and
 * answers the next state's input. A retry of a step that was written down already answers what stands there.
 */
export function step<S extends State>(
  state: S,
  fn: (input: StepInput, context: StepContext) => Promise<Decided<Verdict<S>>>,
): Handler<StepInput> {
  return lambda(state, StepInput, async (input, context) => {
    const { incidentId } = input;
    const eventId = `${state}#${input.step}`;
    const [before, incident] = await Promise.all([kb.audit.byEvent(incidentId, eventId), kb.incidents.get(incidentId)]);
    if (before) return answered(before);
    const decided = await fn(input, { ...context, incident, kb });
    const next = nextInput(input, decided);
    const entry = await kb.audit.append({
      incidentId,
      eventId,
      at: context.now(),
      state,
      attempt: next.attempt,
      verdict: decided.verdict,
      why: redactDeep([...decided.why]),
      saw: shortened(redactDeep({ ...decided.saw })),
      result: next,
    });
    context.log.appendKeys({ step: input.step, attempt: next.attempt, verdict: next.verdict });
    return answered(entry);
  });
}

function nextInput(input: StepInput, decided: Decided<string>): StepInput {
  return {
    ...input,
    step: input.step + 1,
    attempt: decided.attempt ?? input.attempt,
    looks: decided.looks ?? input.looks,
    verdict: decided.verdict,
    because: decided.because ?? '',
    waitSeconds: decided.waitSeconds ?? 0,
  };
}

/** The stored answer, with the head of the chain as it was right after: the execution's history anchors it. */
const answered = ({ result, hash }: kb.audit.StoredEntry): StepInput =>
  StepInput.parse({ ...(result as StepInput), auditHead: hash });

function shortened(saw: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(saw);
  if (text.length <= LONGEST_SAW) return saw;
  return { shortened: `the first ${LONGEST_SAW} of ${text.length} characters`, text: text.slice(0, LONGEST_SAW) };
}
