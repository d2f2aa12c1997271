import { brierScore, type Judged } from '../../functions/detect/failure/calibration.ts';
import { HORIZON, type Engine } from './engines.ts';

/** What a model says at every cycle of an engine it has not learned from. */
export interface Said {
  readonly alarms: readonly boolean[];
  readonly probabilities: readonly number[];
}

/** Shares of the cycles looked at. */
export interface Counted {
  readonly hits: number;
  readonly named: number;
  readonly failing: number;
}

export const fails = ({ rows, left }: Engine, cycle: number): boolean => left + rows.length - 1 - cycle <= HORIZON;

/** At the cut; or the mean over all cycles, which is what all cuts would give in the end, with less chance in it. */
export function countAt(engine: Engine, { alarms }: Said, where: 'cut' | 'every cut'): Counted {
  const cycles = where === 'cut' ? [engine.cut] : engine.rows.map((_, t) => t);
  const share = (of: (cycle: number) => boolean) => cycles.filter(of).length / cycles.length;
  return {
    hits: share((t) => alarms[t]! && fails(engine, t)),
    named: share((t) => alarms[t]!),
    failing: share((t) => fails(engine, t)),
  };
}

export function f1(counts: readonly Counted[]): number {
  const sum = (key: keyof Counted) => counts.reduce((total, one) => total + one[key], 0);
  return (2 * sum('hits')) / Math.max(1e-9, sum('named') + sum('failing'));
}

/** Each engine counts the same. */
export const judgedAt = (engine: Engine, { probabilities }: Said): Judged[] =>
  probabilities.map((score, t) => ({ score, failed: fails(engine, t), weight: 1 / probabilities.length }));

export function measure(engines: readonly Engine[], said: readonly Said[]) {
  const counts = (where: 'cut' | 'every cut') => engines.map((engine, i) => countAt(engine, said[i]!, where));
  return {
    f1: f1(counts('cut')),
    f1EveryCut: f1(counts('every cut')),
    brier: brierScore(engines.flatMap((engine, i) => judgedAt(engine, said[i]!))),
  };
}
