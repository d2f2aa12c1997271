import * as z from 'zod';
import { defineDetector } from '../../../layers/core/detector.ts';
import { admits, type Clock } from '../streaming/order.ts';
import { addThinned, quantile, startThinned, type Thinned } from '../streaming/sample.ts';
import { type Season, startSeason, usual } from '../streaming/season.ts';
import { extremeDeviate } from '../streaming/student.ts';
import { ascending, median, push, type Recent, startRecent } from '../streaming/windows.ts';

const Params = z.object({
  level: z.int().min(4).max(64).default(64).describe('Samples whose median is the level until a season is known.'),
});

/** Residuals that must be known before one can be extreme. */
const LEAST = 30;
/** Turns a median absolute deviation into a standard deviation, for normal data. */
const MAD = 1.4826;

interface State extends Clock {
  readonly level: number;
  readonly recent: Recent;
  readonly season: Season;
  readonly residuals: Thinned;
  /** Absolute deviations of residuals from their median. */
  readonly deviations: Thinned;
}

/**
 * What is left of a value when the usual one at that time of day is taken off (until two days are known: the median of the
 * latest values), by robust ESD test as in Hochenbaum, Vallis and Kejariwal 2017 (S-H-ESD), one value at a time: its
 * distance from the residuals' median in units of their median absolute deviation. The score is 1 minus the p-value.
 */
export const detector = defineDetector<z.infer<typeof Params>, State>({
  name: 'seasonal-residual',
  summary: 'Scores values far from what is usual at that time of day.',
  params: Params,
  start: ({ level }) => ({
    level,
    recent: startRecent(64),
    season: startSeason(),
    residuals: startThinned(),
    deviations: startThinned(),
    last: null,
  }),
  step(state, sample) {
    if (!admits(state, sample)) return { state, score: 0 };
    const { recent, residuals, deviations, season } = state;
    const level = recent.seen === 0 ? sample.value : median(ascending(recent, state.level));
    const residual = sample.value - (usual(season, sample) ?? level);
    push(recent, sample.value);
    const off = Math.abs(residual - quantile(residuals, 0.5));
    const scale = MAD * quantile(deviations, 0.5);
    const score =
      residuals.count < LEAST || off === 0
        ? 0
        : 1 - extremeDeviate(scale > 0 ? off / scale : Infinity, residuals.count);
    addThinned(residuals, residual);
    addThinned(deviations, off);
    return { state, score };
  },
});
