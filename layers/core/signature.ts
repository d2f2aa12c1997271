import * as z from 'zod';
import type { Ratio } from './units.ts';

/**
 * What an incident looks like: how strongly each of its named traits shows, 0 to 1. Sparse: what is not named does not
 * show. Names hold no ARN, so that the same trouble of another resource looks alike.
 */
export const Signature = z.record(z.string(), z.number().min(0).max(1));
export type Signature = z.infer<typeof Signature>;

/**
 * How alike two signatures are: what they share by what either has, the weighted Jaccard similarity (Ružička 1958; Ioffe
 * 2010, "Improved consistent sampling, weighted minhash and L1 sketching", §1). 1 for the same, 0 for nothing in common;
 * two that show nothing are not alike.
 */
export function similarity(a: Signature, b: Signature): Ratio {
  const shared = sharedBy(a, b);
  const either = totalOf(a) + totalOf(b) - shared; // max(x, y) = x + y - min(x, y)
  return either > 0 ? Math.min(1, shared / either) : 0;
}

/**
 * How much of what the first shows the other shows, too: Tversky's ratio (1977, "Features of similarity") without what only
 * the other has. What is only foretold does not show yet what it may become.
 */
export function containment(part: Signature, whole: Signature): Ratio {
  const total = totalOf(part);
  return total > 0 ? Math.min(1, sharedBy(part, whole) / total) : 0;
}

function sharedBy(a: Signature, b: Signature): number {
  let shared = 0;
  // A trait may be called `constructor`.
  for (const name in a) if (Object.hasOwn(b, name)) shared += Math.min(a[name]!, b[name]!);
  return shared;
}

function totalOf(signature: Signature): number {
  let total = 0;
  for (const name in signature) total += signature[name]!;
  return total;
}

/** The mean of several: what most of them show is strong in it. */
export function meanOf(signatures: readonly Signature[]): Signature {
  const sums = new Map<string, number>();
  for (const signature of signatures)
    for (const [name, value] of Object.entries(signature)) sums.set(name, (sums.get(name) ?? 0) + value);
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum / signatures.length]));
}
