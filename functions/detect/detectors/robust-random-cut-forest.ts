import * as z from 'zod';
import { defineDetector } from '../../../layers/core/detector.ts';
import { displaced, type Forest, startForest } from '../streaming/forest.ts';
import { admits, type Clock } from '../streaming/order.ts';
import { MEMORY, startTail, surprise, type Tail } from '../streaming/tail.ts';

const Params = z.object({
  trees: z.int().min(1).max(200).default(16).describe('Trees; more of them smooth the score.'),
  sample: z.int().min(8).max(4096).default(96).describe('Points a tree holds.'),
  shingle: z.int().min(1).max(32).default(4).describe('Consecutive values that make one point.'),
  memory: z.int().min(100).default(4096).describe('Points over which a tree forgets.'),
  seed: z.int().default(1),
});

interface State extends Clock {
  readonly forest: Forest;
  readonly tail: Tail;
}

/**
 * Robust random cut forest (Guha, Mishra, Roy and Schrijvers 2016): values are odd when putting them into random cut
 * trees over a sample of the past would displace many others. The score is 1 minus the conformal p-value of that.
 */
export const detector = defineDetector<z.infer<typeof Params>, State>({
  name: 'robust-random-cut-forest',
  summary: 'Scores how far the latest values stand off from what was seen before.',
  params: Params,
  start: (params) => ({ forest: startForest(params), tail: startTail(MEMORY), last: null }),
  step(state, sample) {
    if (!admits(state, sample)) return { state, score: 0 };
    return { state, score: 1 - 10 ** -surprise(state.tail, displaced(state.forest, sample.value)) };
  },
});
