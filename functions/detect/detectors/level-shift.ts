import * as z from 'zod';
import { defineDetector } from '../../../layers/core/detector.ts';
import { admits, type Clock } from '../streaming/order.ts';
import { MEMORY, startTail, surprise, type Tail } from '../streaming/tail.ts';
import { ascending, mean, median, push, type Recent, startRecent } from '../streaming/windows.ts';

const Params = z.object({
  now: z.int().min(4).max(32).default(24).describe('Latest samples, compared with those before.'),
  before: z.int().min(8).max(96).default(72).describe('Samples they are compared with.'),
});

/** Blocks a window is cut into for its slope. */
const BLOCKS = 8;

interface State extends Clock {
  readonly now: number;
  readonly before: number;
  readonly recent: Recent;
  readonly shifts: Tail;
  readonly bends: Tail;
}

/**
 * Level shift: the median of the latest samples against that of the ones before, in units of their median absolute
 * deviation. Trend change: the same for the median of pairwise slopes (Theil 1950, Sen 1968). Each becomes a conformal
 * surprise among its own past; the score is 1 minus the smaller p-value, doubled for having looked twice.
 */
export const detector = defineDetector<z.infer<typeof Params>, State>({
  name: 'level-shift',
  summary: 'Scores lasting changes of level and of trend.',
  params: Params,
  start: ({ now, before }) => ({
    now,
    before,
    recent: startRecent(128),
    shifts: startTail(MEMORY),
    bends: startTail(MEMORY),
    last: null,
  }),
  step(state, sample) {
    if (!admits(state, sample)) return { state, score: 0 };
    const { recent, now, before } = state;
    push(recent, sample.value);
    if (recent.seen < now + before) return { state, score: 0 };
    const reference = ascending(recent, before, now);
    const level = median(reference);
    const noise = scatter(reference, level);
    const shift = Math.abs(median(ascending(recent, now)) - level) / noise;
    const bend = Math.abs(slope(recent, now, 0) - slope(recent, before, now)) / noise;
    const most = Math.max(surprise(state.shifts, shift), surprise(state.bends, bend));
    return { state, score: 1 - Math.min(1, 2 * 10 ** -most) };
  },
});

/** Median absolute deviation; of constant values the least that makes a difference: a billionth of them, or 1e-9. */
function scatter(sorted: Float64Array, level: number): number {
  const mad = median(sorted.map((value) => Math.abs(value - level)).sort());
  return Math.max(mad, 1e-9 * Math.max(1, Math.abs(level)));
}

/** Median slope between the means of a window's blocks, per sample. */
function slope(recent: Recent, width: number, lag: number): number {
  const block = Math.floor(width / BLOCKS) || 1;
  const means = Array.from({ length: Math.min(BLOCKS, width) }, (_, k) => mean(recent, block, lag + k * block));
  const slopes: number[] = [];
  means.forEach((a, i) => {
    for (let j = i + 1; j < means.length; j++) slopes.push((a - means[j]!) / ((j - i) * block));
  });
  return median(Float64Array.from(slopes).sort());
}
