import * as z from 'zod';
import { defineDetector, type Sample } from '../../../layers/core/detector.ts';
import { type Alarm, alerts, peak, startAlarm } from '../streaming/alarm.ts';
import { displaced, type Forest, startForest } from '../streaming/forest.ts';
import { admits, type Clock } from '../streaming/order.ts';
import { MEMORY, startTail, surprise, type Tail } from '../streaming/tail.ts';
import {
  follow,
  newCalm,
  newExcess,
  newForTheHour,
  newLevel,
  newNoise,
  newSize,
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
  readonly tails: Readonly<Record<'level' | 'hour' | 'size' | 'noise' | 'calm' | 'season' | 'forest', Tail>>;
  readonly alarm: Alarm;
}

/**
 * Novelty in several views, combined by calibrated tail probabilities: each view's distance to what was seen before
 * becomes a conformal surprise (-log10 p), so that views of any unit add up. The evidence is the logarithm of the mean of
 * 1/p over the views, the harmonic mean p-value (Wilson 2019; Vovk and Wang 2020): it needs no weights, holds however the
 * views depend on each other, costs a view that stands alone the logarithm of their number, and counts what several see.
 * Half the decades of samples seen beyond a hundred are taken off: who looks longer sees rarer things by chance. Peaks
 * alert by the rank of their block among past blocks (alarm.ts). The score is 1 - 10^-evidence at a peak, 0 elsewhere.
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
      size: startTail(MEMORY),
      noise: startTail(MEMORY),
      calm: startTail(MEMORY),
      season: startTail(MEMORY),
      forest: startTail(MEMORY),
    },
    alarm: startAlarm(),
    last: null,
  }),
  step(state, sample) {
    const elapsed = state.last === null ? 0 : sample.at - state.last;
    if (!admits(state, sample)) return { state, score: 0, alert: false };
    const evidence = weigh(state, sample);
    const high = peak(state.alarm, evidence);
    const alert = alerts(state.alarm, evidence, high > 0, elapsed, state.alertsPerWeek);
    return { state, score: 1 - 10 ** -high, alert };
  },
});

function weigh({ views, forest, tails }: State, sample: Sample): number {
  follow(views, sample);
  const surprises = [
    surprise(tails.level, newLevel(views, sample)),
    surprise(tails.hour, newForTheHour(views, sample)),
    surprise(tails.size, newSize(views, sample)),
    surprise(tails.noise, newNoise(views)),
    surprise(tails.calm, newCalm(views)),
    surprise(tails.season, newExcess(views, sample)),
    surprise(tails.forest, displaced(forest, sample.value)),
  ];
  const mean = surprises.reduce((sum, each) => sum + 10 ** each, 0) / surprises.length;
  return Math.max(0, Math.log10(mean) - 0.5 * Math.log10(Math.max(1, views.seen / 100)));
}
