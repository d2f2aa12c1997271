import * as z from 'zod';
import { defineSessionDetector } from '../../../layers/core/log-detector.ts';
import { percent } from '../../../layers/core/units.ts';
import { learnKeys, noKeys, oddness, renamedKeys, shareOf, type KeyCounts } from '../support/rare-keys.ts';
import { renamedTransition, transitionsOf } from '../support/session-kinds.ts';

const Params = z.object({
  /** Part of sessions below which a transition is odd (score over 0.5). Default 0.0005: steps done side by side come in many orders. */
  rare: z.number().gt(0).lt(1).default(0.0005),
  /** Sessions before anything can be odd. Default 1,000. */
  warmUp: z.number().int().min(1).default(1000),
  /** Transitions remembered. Default 5,000. */
  transitions: z.number().int().min(8).default(5000),
  /** With more sessions than these all counts are halved. Default: never. */
  memory: z.number().int().min(1).optional(),
});
type Params = z.infer<typeof Params>;

interface State {
  readonly params: Params;
  readonly seen: KeyCounts;
}

/**
 * A session in which one message followed another that it hardly ever follows, began with what none begins with, or ended
 * where none ends: a first-order Markov model of the log as a workflow (Du et al., CCS 2017, DeepLog, §2.3 for the idea of the next
 * log key; here counted, not learned by a network). Finds wrong order, to which counts are blind.
 */
export const detector = defineSessionDetector<Params, State>({
  name: 'session-transitions',
  summary: 'A session in which messages follow each other as they hardly ever do.',
  params: Params,
  start: (params) => ({ params, seen: noKeys }),
  step({ params, seen }, { events }) {
    const steps = transitionsOf(events);
    const rarest = steps.reduce((a, b) => (shareOf(seen, b) < shareOf(seen, a) ? b : a));
    const share = shareOf(seen, rarest);
    const score = seen.total < params.warmUp ? 0 : oddness(share, params.rare);
    const because = score > 0 ? [`${rarest} happened in ${percent(share)} of ${seen.total} sessions.`] : [];
    return { state: { params, seen: learnKeys(seen, steps, params.transitions, params.memory) }, score, because };
  },
  merged: ({ params, seen }, into) => ({
    params,
    seen: renamedKeys(seen, (key) => renamedTransition(key, into)),
  }),
});
