import * as z from 'zod';
import { defineSessionDetector } from '../../../layers/core/log-detector.ts';
import { percent } from '../../../layers/core/units.ts';
import { learnKeys, noKeys, oddness, shareOf, type KeyCounts } from '../support/rare-keys.ts';

const Params = z.object({
  /** Part of sessions below which a kind of session is odd (score over 0.5). Default 0.015: what one in 70 does. */
  rare: z.number().gt(0).lt(1).default(0.015),
  /** Sessions before anything can be odd. Default 200. */
  warmUp: z.number().int().min(1).default(200),
  /** Kinds of session remembered. Default 2,000. */
  kinds: z.number().int().min(8).default(2000),
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
    const key = vectorOf(events);
    const share = shareOf(kinds, key);
    const score = kinds.total < params.warmUp ? 0 : oddness(share, params.rare);
    const because = score > 0 ? [`${percent(share)} of ${kinds.total} sessions were like it.`] : [];
    return { state: { params, kinds: learnKeys(kinds, [key], params.kinds) }, score, because };
  },
});

/** `2x3 5x1`: the count of each template, as a name. */
function vectorOf(events: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([event, count]) => `${event}x${count}`)
    .join(' ');
}
