/** The pure part of an alarm's evaluation: data points in, verdict out. */

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type TreatMissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** One period of the evaluation range; `value` is undefined where data is missing. `time` in epoch seconds. */
export interface Datapoint {
  readonly time: number;
  readonly value: number | undefined;
  readonly sampleCount?: number;
}

export interface Rule {
  /** N: how many data points are evaluated. */
  readonly evaluationPeriods: number;
  /** M: how many of them must breach. */
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly treatMissingData: TreatMissingData;
}

/** What an evaluation found. `evaluated` are the real data points used, newest first; `filled` missing ones stood in. */
export interface Verdict {
  /** `retain`: the alarm stays as it is. */
  readonly state: StateValue | 'retain';
  readonly evaluated: readonly Datapoint[];
  readonly breaching: readonly Datapoint[];
  readonly filled: number;
}

const COMPARISONS: Readonly<
  Record<string, { breaches: (value: number, threshold: number) => boolean; words: string }>
> = {
  GreaterThanThreshold: { breaches: (v, t) => v > t, words: 'greater than' },
  GreaterThanOrEqualToThreshold: { breaches: (v, t) => v >= t, words: 'greater than or equal to' },
  LessThanThreshold: { breaches: (v, t) => v < t, words: 'less than' },
  LessThanOrEqualToThreshold: { breaches: (v, t) => v <= t, words: 'less than or equal to' },
};

export const COMPARISON_OPERATORS = Object.keys(COMPARISONS);
export const wordsOf = (comparison: string): string => COMPARISONS[comparison]!.words;

/** Periods retrieved beyond N. AWS does not publish its number; its documented example retrieves 5 for N = 3. */
const EXTRA_PERIODS = 2;

/** How many of the most recent periods are looked at: the evaluation range. */
export const evaluationRange = (evaluationPeriods: number): number => evaluationPeriods + EXTRA_PERIODS;

/**
 * Decides an alarm's state, following "Configuring how CloudWatch alarms treat missing data" (CloudWatch User Guide):
 * the N most recent real data points of the range are evaluated; only when there are fewer, missing ones are filled in as
 * the alarm says.
 *
 * @param range the evaluation range, oldest first
 */
export function evaluateAlarm(rule: Rule, range: readonly Datapoint[]): Verdict {
  const { evaluationPeriods: n, datapointsToAlarm: m } = rule;
  const breaches = (d: Datapoint): boolean => COMPARISONS[rule.comparison]!.breaches(d.value!, rule.threshold);
  const evaluated = range
    .filter((d) => d.value !== undefined)
    .slice(-n)
    .reverse();
  const breaching = evaluated.filter(breaches);
  const filled = n - evaluated.length;
  return { state: stateOf(rule, range, evaluated, breaching, filled, m), evaluated, breaching, filled };
}

function stateOf(
  rule: Rule,
  range: readonly Datapoint[],
  evaluated: readonly Datapoint[],
  breaching: readonly Datapoint[],
  filled: number,
  m: number,
): StateValue | 'retain' {
  const stand = rule.treatMissingData === 'breaching' ? filled : 0;
  if (breaching.length + stand >= m) return 'ALARM';
  if (filled === 0 || breaching.length < evaluated.length || rule.treatMissingData === 'notBreaching') return 'OK';
  if (rule.treatMissingData === 'breaching') return 'OK';
  if (rule.treatMissingData === 'ignore') return 'retain';
  if (evaluated.length === 0) return 'INSUFFICIENT_DATA';
  return premature(range, breaching, m) ? 'INSUFFICIENT_DATA' : 'ALARM';
}

/**
 * Fewer than M real data points, all breaching. The alarm fires when the oldest of them is at least M periods old;
 * before that the next data point may still be within the threshold ("Avoiding premature transitions to alarm state").
 * What an alarm is until then, the 2018 edition of the page shows: `- - - - X` is INSUFFICIENT_DATA.
 */
function premature(range: readonly Datapoint[], breaching: readonly Datapoint[], m: number): boolean {
  const oldest = breaching.at(-1)!;
  const age = range.length - range.indexOf(oldest);
  return age < m;
}

/**
 * Whether a percentile has too few samples to be judged: fewer than 10 / (1 - p) from the median up, 10 / p below it
 * ("Percentile-based alarms and low data samples").
 */
export function tooFewSamples(percentile: number, samples: number): boolean {
  const needed = percentile >= 0.5 ? 10 / (1 - percentile) : 10 / percentile;
  return samples < needed - 1e-9;
}
