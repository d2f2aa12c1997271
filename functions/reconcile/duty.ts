import type { Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Ending, EscalationCause, Incident, IncidentId } from '../../layers/core/incident.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import type { Undoing } from '../rollback/undo.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { Instant } from '../../layers/core/units.ts';
import type { ExecutionState } from '../../layers/runtime/executions.ts';
import type * as kb from '../../layers/runtime/kb/index.ts';

/** An alarm that is in ALARM now, and since when. */
export interface Alarming {
  readonly arn: Arn;
  readonly name: string;
  readonly since: Instant;
  readonly reason: string;
}

/** What the duties work with. Everything from outside comes through it, so that they run in virtual time. */
export interface Reconciling {
  readonly now: () => Instant;
  /** When this run is killed at the latest. */
  readonly deadline: Instant;
  readonly policy: Policy;
  readonly kb: typeof kb;
  readonly newId: () => IncidentId;
  /** Read once a run. Without those that auto-scaling owns. */
  readonly alarming: () => Promise<readonly Alarming[]>;
  readonly executions: {
    start(incidentId: IncidentId): Promise<{ readonly executionArn: Arn; readonly existed: boolean }>;
    state(incidentId: IncidentId): Promise<ExecutionState>;
  };
  readonly reader: (arn: Arn) => Promise<Aws>;
  /** Undoes what an attempt changed and nobody changed since. */
  readonly undo: (incident: Incident, attempt: Attempt) => Promise<Undoing>;
  /** Tells the operators of an escalation. */
  readonly notify: (incident: Incident, ending: Escalated) => Promise<unknown>;
  /** Counts an escalation, by its cause. */
  readonly escalated: (because: EscalationCause) => void;
}

export type Escalated = Extract<Ending, { kind: 'escalated' }>;

/** What a duty did, a line each; empty when all was as it should be. */
export interface DutyReport {
  readonly looked: number;
  readonly did: readonly string[];
  /** What could not be brought to its end this time, and why. */
  readonly left: readonly string[];
}

/** One thing that must hold: one file in functions/reconcile/duties. Doing it twice is doing it once. */
export interface Duty {
  readonly name: string;
  readonly summary: string;
  run(context: Reconciling): Promise<DutyReport>;
}

/** How many of anything one run takes in hand: the next run is five minutes away. */
export const AT_MOST = 50;

/** Runs `work` on all of them; one that fails does not hold up the others. */
export const eachFully = <T>(
  items: readonly T[],
  name: (item: T) => string,
  work: (item: T) => Promise<undefined>,
): Promise<DutyReport> => each(items, name, work, Infinity);

/** Runs `work` on each, up to `atMost`; one that fails does not hold up the others. */
export async function each<T>(
  items: readonly T[],
  name: (item: T) => string,
  work: (item: T) => Promise<string | undefined>,
  atMost = AT_MOST,
): Promise<DutyReport> {
  const did: string[] = [];
  const left: string[] = [];
  for (const item of items.slice(0, atMost)) {
    try {
      const done = await work(item);
      if (done) did.push(done);
    } catch (error) {
      left.push(`${name(item)}: ${String(error)}`);
    }
  }
  if (items.length > atMost) left.push(`${items.length - atMost} more wait for the next run`);
  return { looked: items.length, did, left };
}
