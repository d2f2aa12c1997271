/** One row of a service's metrics, judged by its model. */
import type { Ratio, Seconds } from '../../../layers/core/units.ts';
import { innovationOf, MEMORY } from './forecast.ts';
import { withLevel, type Lately } from './lately.ts';
import { atRest, fadingOf, meanOf, standardised, withScore, type OverTime } from './over-time.ts';
import { levelOf, logScore, together, type Detectors, type ServiceModel } from './service-model.ts';
import { tailProbability } from './tail.ts';

/** What is remembered between rows. Plain JSON: NaN is stored as null and read back as not measured. */
export interface ServiceState {
  readonly at: Seconds | null;
  /** The last row as it was measured, for counters. */
  readonly last: readonly (number | null)[];
  /** Conditioned rows, oldest first, as many as the forecast looks back. */
  readonly levels: readonly (readonly number[])[];
  /** null before the first row: what is usual. */
  readonly lately: Lately | null;
  readonly overTime: OverTime;
  /** Sum of what each metric carried of the scores so far, each weighted by how new it is; empty before the first row. */
  readonly carried: readonly number[];
}

export interface Carrier {
  readonly metric: string;
  /** Of the score: all carriers' shares are 1 in sum, or there is none. */
  readonly share: Ratio;
}

export type ServiceVerdict =
  | {
      readonly kind: 'scored';
      /** Natural logarithm of the odds that the service is in trouble: above 0 it rather is. It stays up for a while. */
      readonly score: number;
      /** Share of healthy rows at which the mean over the last minutes is so high: what is to wake somebody. */
      readonly probability: Ratio;
      /** Largest share first. */
      readonly because: readonly Carrier[];
    }
  | { readonly kind: 'ignored'; readonly why: 'not newer than the last row' | 'no metric was measured' };

export const startService = (): ServiceState => ({
  at: null,
  last: [],
  levels: [],
  lately: null,
  overTime: atRest,
  carried: [],
});

/** After a gap of more rows than this the past foretells nothing: it is forgotten. */
const LONGEST_GAP = 3;

/**
 * Judges one row. A row that is not newer than the last (a duplicate, time running backwards, no time at all) and a row without any
 * value change nothing and say so; a metric that was not measured counts as expected.
 * @param row a value a metric in the model's order, NaN where nothing was measured; a row of another length is read as
 * far as it goes
 */
export function stepService(
  model: ServiceModel,
  detectors: Detectors,
  state: ServiceState,
  at: Seconds,
  row: readonly number[],
): { readonly state: ServiceState; readonly verdict: ServiceVerdict } {
  if (!Number.isFinite(at) || (state.at !== null && at <= state.at))
    return { state, verdict: { kind: 'ignored', why: 'not newer than the last row' } };
  const values = model.conditions.map((_, j) => row[j] ?? Number.NaN);
  if (!values.some(Number.isFinite)) return { state, verdict: { kind: 'ignored', why: 'no metric was measured' } };
  const past = state.at !== null && at - state.at <= LONGEST_GAP * model.step ? state : startService();
  const before = past.last.map((value) => value ?? Number.NaN);
  const level = levelOf(model.conditions, at, values, before);
  const lately = withLevel(past.lately ?? model.usual, level, model.step);
  const view = { level, innovation: innovationOf(model.forecast, past.levels, level), lately };
  const { score, carried } = combine(model, detectors, view);
  const fading = fadingOf(model.step);
  const next = {
    at,
    last: values.map((value) => (Number.isFinite(value) ? value : null)),
    levels: [...past.levels, Array.from(level)].slice(-MEMORY),
    lately,
    overTime: withScore(past.overTime, score, model.step),
    carried: carried.map((value, j) => (past.carried[j] ?? 0) * fading + value),
  };
  return { state: next, verdict: judge(model, next) };
}

/** The standardised log scores together, and each metric's share in it, weighted by how much each detector says. */
function combine(model: ServiceModel, detectors: Detectors, view: Parameters<Detectors[string]['score']>[1]) {
  const carried = Array<number>(model.conditions.length).fill(0);
  const known = model.parts.filter(({ detector }) => detectors[detector]);
  const scores = known.map(({ detector, model: learned, scale }) => {
    const { score, shares } = detectors[detector]!.score(learned, view);
    const comparable = standardised(scale, logScore(score));
    shares.forEach((share, j) => (carried[j]! += share * Math.max(0, comparable)));
    return comparable;
  });
  return { score: together(scores), carried };
}

function judge({ conditions, tail }: ServiceModel, { overTime, carried }: ServiceState): ServiceVerdict {
  const all = carried.reduce((sum, value) => sum + value, 0);
  const because = conditions
    .map(({ metric }, j) => ({ metric, share: all > 0 ? carried[j]! / all : 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
  return { kind: 'scored', score: overTime.odds, probability: tailProbability(tail, meanOf(overTime)), because };
}
