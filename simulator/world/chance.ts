import type { Random } from '../../sandbox/load/random.ts';

/** Draws from distributions, by a seeded stream of uniform numbers. */

/** Standard normal (Box & Muller 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Poisson: Knuth's product below a mean of 30 (TAOCP 2, §3.4.1), above it the normal approximation. */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > limit) {
    product *= random();
    count += 1;
  }
  return count;
}

/** How many of `n` happen with probability `p` each; the binomial by its Poisson or normal approximation. */
export function some(random: Random, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - some(random, n, 1 - p);
  if (n * p > 12) return bounded(n * p + Math.sqrt(n * p * (1 - p)) * normal(random), n);
  return bounded(poisson(random, n * p), n);
}

const bounded = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));

export const hex = (random: Random, digits: number): string => {
  let text = '';
  while (text.length < digits)
    text += Math.floor(random() * 0x100000000)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, digits);
};

/** As EventBridge and CloudTrail name events. */
export const uuid = (random: Random): string => {
  const id = hex(random, 32);
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20)}`;
};

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random();
