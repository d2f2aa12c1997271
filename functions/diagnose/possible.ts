import type { Hypothesis } from '../../layers/core/diagnosis.ts';
import { FAULTS, type Fault } from '../../layers/core/taxonomy.ts';
import type { Ratio } from '../../layers/core/units.ts';

type Values = Readonly<Record<string, number>>;

const some = (values: Values, ...names: readonly string[]): boolean => names.some((name) => (values[name] ?? 0) > 0);
const atLeast = (values: Values, name: string, least: number): boolean => (values[name] ?? -Infinity) >= least;

/** Of a limit: what comes so near to it may be at it between two points. */
const NEARLY: Ratio = 0.8;

/**
 * What must be seen for a fault to be possible at all, however much the evidence resembles cases of it. These are
 * definitions, not thresholds learned: a crash loop without a task that ended is none.
 */
const MUST: Readonly<Partial<Record<Fault, (values: Values) => boolean>>> = {
  'crash-loop': (values) => some(values, 'tasks-failed'),
  'memory-limit': (values) => some(values, 'tasks-out-of-memory'),
  'connection-leak': (values) => some(values, 'log-none-left') || atLeast(values, 'open-highest', NEARLY),
  throttling: (values) => some(values, 'refused-calls', 'log-refused'),
  'external-outage': (values) => some(values, 'aws-issue', 'aws-issue-of-callee'),
  'memory-leak': (values) => some(values, 'memory-rise', 'tasks-out-of-memory'),
  'placement-failure': (values) =>
    some(values, 'tasks-not-started', 'cannot-place') || (values['tasks-running'] ?? 1) < 1,
  'stale-connection': (values) => some(values, 'log-connections'),
  'data-corruption': (values) => some(values, 'log-data', 'log-stored-data'),
  'dependency-failure': (values) =>
    some(values, 'log-blames-outside') ||
    // What its log blames is innocent where all that it calls is known to be well.
    (values['callees-well'] !== 1 &&
      (some(values, 'log-names-callee', 'callee-incident', 'callee-bad-periods') ||
        atLeast(values, 'root-below', 0.2))),
  overload: (values) =>
    some(values, 'log-busy', 'backlog-z') || atLeast(values, 'requests-ratio', 1.2) || atLeast(values, 'cpu-now', 60),
  deadlock: (values) => some(values, 'tasks-unwell', 'tasks-failed-check') || atLeast(values, 'latency-ratio', 2),
};

/** A change that the rules hold less likely than this, having looked at it, is as good as acquitted. */
const ACQUITTED: Ratio = 0.1;

/**
 * The rules as a check on the model: takes out of its opinion what cannot be. A change is to blame only where one was made,
 * had its effect, and is not acquitted by what the rules found against it. What that had goes to the others in proportion.
 */
export function possible(modelled: readonly Hypothesis[], ruled: readonly Hypothesis[], values: Values): Hypothesis[] {
  const byRule = new Map(ruled.map(({ fault, confidence }) => [fault, confidence]));
  const left = modelled.filter(({ fault }) =>
    FAULTS[fault].category === 'change' ? (byRule.get(fault) ?? 0) >= ACQUITTED : (MUST[fault]?.(values) ?? true),
  );
  const total = left.reduce((sum, { confidence }) => sum + confidence, 0);
  return total > 0 ? left.map((one) => ({ ...one, confidence: one.confidence / total })) : [];
}
