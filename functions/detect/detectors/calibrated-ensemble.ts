import * as z from 'zod';
import { defineDetector, type Sample } from '../../../layers/core/detector.ts';
import { type Alarm, alerts, peak, startAlarm } from '../streaming/alarm.ts';
import { displaced, type Forest, startForest } from '../streaming/forest.ts';
import { admits, type Clock } from '../streaming/order.ts';
import { quantile } from '../streaming/sample.ts';
import { MEMORY, startTail, surprise, type Tail } from '../streaming/tail.ts';
import {
  follow,
  knowsExcess,
  newCalm,
  newExcess,
  newForTheHour,
  newLevel,
  newMagnitude,
  newMagnitudeForTheHour,
  newNoise,
  startMagnitude,
  startViews,
  type Views,
} from '../streaming/views.ts';

const Params = z.object({
  alertsPerWeek: z.number().positive().default(1).describe('Alerts a healthy series may give in a week, on average.'),
  seed: z.int().default(1),
});

interface State extends Clock {
  readonly alertsPerWeek: number;
  readonly views: Views;
  readonly forest: Forest;
  readonly tails: Readonly<
    Record<'level' | 'hour' | 'magnitude' | 'magnitudeHour' | 'noise' | 'calm' | 'season' | 'forest', Tail>
  >;
  readonly alarm: Alarm;
}

/**
 * Decades by which what stands alone must be the more surprising: a p-value weighted by 1/100. On the synthetic series of
 * bench/nab less would do, on real servers' metrics (ASD) the views of level and hour alone are better: this serves both.
 */
const ALONE = 2;

/**
 * Novelty in several views, combined by calibrated tail probabilities: each view's distance to what was seen before
 * becomes a conformal surprise (-log10 p), so that views of any unit add up. Level and level for the time of day, each of
 * the values and of their order of magnitude, carry the evidence together (their mean); noise, calm, distance from the
 * season and the random cut forest see what those cannot, and count alone when a hundred times rarer (weighted p-values:
 * Genovese, Roeder and Wasserman 2006). Half the decades of samples seen beyond a hundred are taken off: who looks longer
 * sees rarer things by chance. Peaks alert by the rank of their block among past blocks (alarm.ts). The score is
 * 1 - 10^-evidence at a peak, 0 elsewhere.
 */
export const detector = defineDetector<z.infer<typeof Params>, State>({
  name: 'calibrated-ensemble',
  summary: 'Alerts on what is new in level, time of day, size, noise or season, at a rate the user sets.',
  params: Params,
  start: ({ alertsPerWeek, seed }) => ({
    alertsPerWeek,
    views: startViews(),
    forest: startForest({ trees: 10, sample: 96, shingle: 1, memory: 4096, seed }),
    tails: {
      level: startTail(MEMORY),
      hour: startTail(MEMORY),
      magnitude: startTail(MEMORY),
      magnitudeHour: startTail(MEMORY),
      noise: startTail(MEMORY),
      calm: startTail(MEMORY),
      season: startTail(MEMORY),
      forest: startTail(MEMORY),
    },
    alarm: startAlarm(),
    last: null,
  }),
  step(kept, sample) {
    const state = completed(kept);
    const elapsed = state.last === null ? 0 : sample.at - state.last;
    if (!admits(state, sample)) return { state, score: 0, alert: false };
    const evidence = weigh(state, sample);
    const high = peak(state.alarm, evidence);
    const alert = alerts(state.alarm, evidence, high > 0, elapsed, state.alertsPerWeek);
    return { state, score: 1 - 10 ** -high, alert };
  },
  usual: ({ views: { past } }) => ({ low: quantile(past, 0.05), high: quantile(past, 0.95) }),
});

/** A state kept before there were views of the order of magnitude: those begin anew, all else that is still looked at goes on. */
function completed(state: State): State {
  if (state.views.magnitude) return state;
  const { level, hour, noise, calm, season, forest } = state.tails;
  const begun = { magnitude: startTail(MEMORY), magnitudeHour: startTail(MEMORY) };
  const views = { ...state.views, magnitude: startMagnitude() };
  return { ...state, views, tails: { level, hour, ...begun, noise, calm, season, forest } };
}

function weigh({ views, forest, tails }: State, sample: Sample): number {
  follow(views, sample);
  const together =
    (surprise(tails.level, newLevel(views, sample)) +
      surprise(tails.hour, newForTheHour(views, sample)) +
      surprise(tails.magnitude, newMagnitude(views)) +
      surprise(tails.magnitudeHour, newMagnitudeForTheHour(views))) /
    4;
  const season = surprise(tails.season, newExcess(views, sample));
  const alone = Math.max(
    surprise(tails.noise, newNoise(views)),
    surprise(tails.calm, newCalm(views)),
    knowsExcess(views, sample) ? season : 0,
    surprise(tails.forest, displaced(forest, sample.value)),
  );
  return Math.max(0, Math.max(together, alone - ALONE) - 0.5 * Math.log10(Math.max(1, views.seen / 100)));
}
