import type { Random } from './random.ts';

/** One stream of requests to a shop, at a steady rate whatever the answers are (open loop). */
export interface Traffic {
  /** Requests a second. */
  readonly rate: number;
  /** Pieces in a basket or a list: what makes a request large. */
  readonly items: number;
  /** Paths with their weights; a path may bring a query of its own. */
  readonly mix: Readonly<Record<string, number>>;
  /** False for visitors that are not customers (a crawler): their failures are not counted. Default true. */
  readonly counted?: boolean;
}

/** What a shop sees on a usual day. */
export const USUAL: Traffic = { rate: 2, items: 2, mix: { '/': 2, '/history': 1, '/checkout': 1 } };

/** The path of the `n`-th request. Customers' numbers go round evenly, so that of ten in a row each last digit comes once. */
export function requestPath(traffic: Traffic, n: number, random: Random): string {
  const path = weighted(traffic.mix, random());
  const words = path.startsWith('/search') ? `&q=${n}` : '';
  return `${path}${path.includes('?') ? '&' : '?'}items=${traffic.items}&customer=${n % 1000}${words}`;
}

/** The key on which `share` (0 to 1) falls when the weights are laid end to end. */
function weighted(mix: Readonly<Record<string, number>>, share: number): string {
  const entries = Object.entries(mix);
  let left = share * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [path, weight] of entries) {
    left -= weight;
    if (left < 0) return path;
  }
  throw new RangeError(`supply weights above 0, got ${JSON.stringify(mix)}`);
}
