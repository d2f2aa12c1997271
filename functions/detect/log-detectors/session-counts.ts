import * as z from 'zod';
import { defineSessionDetector } from '../../../layers/core/log-detector.ts';
import { percent } from '../../../layers/core/units.ts';
import { learnKeys, noKeys, oddness, renamedKeys, shareOf, type KeyCounts } from '../support/rare-keys.ts';
import { kindNamed, kindOf, nameOfKind, renamedKind } from '../support/session-kinds.ts';

const Params = z.object({
  /** Part of sessions below which a kind of session is odd (score over 0.5). Default 0.015: what one in 70 does. */
  rare: z.number().gt(0).lt(1).default(0.015),
  /** Sessions before anything can be odd. Default 200. */
  warmUp: z.number().int().min(1).default(200),
  /** Kinds of session remembered. Default 2,000. */
  kinds: z.number().int().min(8).default(2000),
  /** How often a message came is told apart up to here. Default: whatever it is. */
  upTo: z.number().int().min(1).optional(),
  /** With more sessions than these all counts are halved. Default: never. */
  memory: z.number().int().min(1).optional(),
});
type Params = z.infer<typeof Params>;

interface State {
  readonly params: Params;
  readonly kinds: KeyCounts;
}

/**
 * A session that did what few sessions do: its event count vector (Xu et al., SOSP 2009, "Detecting large-scale system
 * problems by mining console logs") is rare among the past. Unlike PCA on the same vectors it needs no directions: whether a step is
 * missing, repeated or of another kind, the vector is another. Order within the session does not matter, so that steps done
 * side by side may come in any order.
 */
export const detector = defineSessionDetector<Params, State>({
  name: 'session-counts',
  summary: 'A session whose messages, and how often each came, are like few others.',
  params: Params,
  start: (params) => ({ params, kinds: noKeys }),
  step({ params, kinds }, { events }) {
    const key = nameOfKind(kindOf(events, params.upTo));
    const share = shareOf(kinds, key);
    const score = kinds.total < params.warmUp ? 0 : oddness(share, params.rare);
    const because = score > 0 ? [`${percent(share)} of ${kinds.total} sessions were like it.`] : [];
    return { state: { params, kinds: learnKeys(kinds, [key], params.kinds, params.memory) }, score, because };
  },
  merged: ({ params, kinds }, into) => ({
    params,
    kinds: renamedKeys(kinds, (key) => nameOfKind(renamedKind(kindNamed(key), into, params.upTo))),
  }),
});
