import * as z from 'zod';
import { defineDetector } from '../../../layers/core/detector.ts';
import { admits, type Clock } from '../streaming/order.ts';
import { MEMORY, startTail, surprise, type Tail } from '../streaming/tail.ts';
import { follow, newLevel, startViews, type Views } from '../streaming/views.ts';

const Params = z.object({});

interface State extends Clock {
  readonly views: Views;
  readonly tail: Tail;
}

/**
 * Value, short and long running mean as one point; its distance to the nearest seen before (streaming k-center: Charikar
 * et al. 1997). The score is 1 minus the conformal p-value of that distance.
 */
export const detector = defineDetector<z.infer<typeof Params>, State>({
  name: 'multi-scale-novelty',
  summary: 'Scores values and levels that were not seen before.',
  params: Params,
  start: () => ({ views: startViews(), tail: startTail(MEMORY), last: null }),
  step(state, sample) {
    if (!admits(state, sample)) return { state, score: 0 };
    follow(state.views, sample);
    return { state, score: 1 - 10 ** -surprise(state.tail, newLevel(state.views, sample)) };
  },
});
