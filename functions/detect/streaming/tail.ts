/**
 * How surprising a score is among its own past: -log10 of its conformal p-value (Vovk et al. 2005), (1 + number of past
 * scores at least as large) / (1 + number of past scores), drawn out beyond what was seen by a generalised Pareto tail over
 * the largest scores (peaks over threshold, Pickands 1975; for streams Siffer et al. 2017). No assumption on the scores'
 * unit or distribution. The past fades: at `memory` scores every count is halved.
 */
export interface Tail {
  readonly memory: number;
  /** Fenwick tree (1994) over counts of scores in logarithmic bins. */
  readonly bins: Float32Array;
  /** The largest scores, ascending from `top.length - held`. */
  readonly top: Float64Array;
  held: number;
  total: number;
}

/** Two months of a value every five minutes. */
export const MEMORY = 16_384;

/** Eight bins an octave from 2^-64 to 2^64: scores of any unit, to 9 %. */
const PER_OCTAVE = 8;
const OCTAVES = 128;
const BINS = PER_OCTAVE * OCTAVES;
const TOP = 60;
/** Scores that must be known before one can surprise. */
const LEAST = 100;
const MOST = 12;
/**
 * Greatest shape of a tail: from 60 scores it is known to 0.15 or so, and one score far out, an anomaly of before, must not
 * make all later ones usual. Least is 0, the exponential tail: an end beyond which nothing can lie is not to be had from so few.
 */
const HEAVIEST = 0.3;

/** @param memory scores remembered at most; half of them survive each time it is full */
export function startTail(memory: number): Tail {
  return { memory, bins: new Float32Array(BINS + 1), top: new Float64Array(TOP), held: 0, total: 0 };
}

/** Surprise of `score` (≥ 0; null is none) in 0..12, 0 while fewer than 100 scores are known; then it joins the past. */
export function surprise(tail: Tail, score: number | null): number {
  if (score === null) return 0;
  const answer = tail.total < LEAST ? 0 : Math.min(MOST, Math.max(0, -Math.log10(pValue(tail, score))));
  remember(tail, score);
  return answer;
}

function pValue(tail: Tail, score: number): number {
  const { top, held, total } = tail;
  const k = Math.min(held - 1, Math.max(10, Math.floor(0.05 * total)));
  const threshold = top[TOP - 1 - k]!;
  if (!(score > threshold)) return Math.min(1, (countFrom(tail, binOf(score)) + 1) / (total + 1));
  return ((k + 1) / (total + 1)) * survival(tail, k, threshold, score - threshold);
}

/**
 * Share of scores beyond `threshold`, the k + 1st largest, that exceed it by `excess` or more: generalised Pareto, by
 * probability-weighted moments (Hosking and Wallis 1987). In series of bursts each record is likely to be broken by much: an
 * exponential tail would call that a marvel every time.
 */
function survival(tail: Tail, k: number, threshold: number, excess: number): number {
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < k; i++) {
    const each = tail.top[TOP - k + i]! - threshold;
    sum += each;
    weighted += (each * (k - 1 - i)) / (k - 1);
  }
  // Not less than a tenth of the way from the middle: ties at the top would make the next digit a marvel.
  const mean = Math.max(sum / k, 0.1 * (threshold - median(tail)), 1e-9 * (threshold + 1e-9));
  const shape = sum > 2 * weighted ? Math.min(HEAVIEST, Math.max(0, 2 - sum / (sum - 2 * weighted))) : 0;
  if (shape < 1e-3) return Math.exp(-excess / mean);
  return (1 + (shape * excess) / (mean * (1 - shape))) ** (-1 / shape);
}

function remember(tail: Tail, score: number): void {
  for (let i = binOf(score) + 1; i <= BINS; i += i & -i) tail.bins[i]!++;
  tail.total++;
  insert(tail, score);
  if (tail.total >= tail.memory) fade(tail);
}

function insert(tail: Tail, score: number): void {
  const { top } = tail;
  if (tail.held === TOP && score <= top[0]!) return;
  let i = TOP - Math.min(TOP, tail.held + 1);
  tail.held = Math.min(TOP, tail.held + 1);
  for (; i + 1 < TOP && top[i + 1]! < score; i++) top[i] = top[i + 1]!;
  top[i] = score;
}

function fade(tail: Tail): void {
  for (let i = 0; i < tail.bins.length; i++) tail.bins[i]! /= 2;
  tail.total /= 2;
  // Every other one of the largest, the very largest among them.
  for (let i = 0; i < tail.held >> 1; i++) tail.top[TOP - 1 - i] = tail.top[TOP - 1 - 2 * i]!;
  tail.held >>= 1;
}

function binOf(score: number): number {
  if (!(score > 0)) return 0;
  return Math.min(BINS - 1, Math.max(0, Math.floor((Math.log2(score) + OCTAVES / 2) * PER_OCTAVE)));
}

/** How many past scores lie in `bin` or above. */
function countFrom({ bins, total }: Tail, bin: number): number {
  let below = 0;
  for (let i = bin; i > 0; i -= i & -i) below += bins[i]!;
  return total - below;
}

function median({ bins, total }: Tail): number {
  let at = 0;
  let rest = total / 2;
  for (let step = BINS; step > 0; step >>= 1) {
    if (at + step <= BINS && bins[at + step]! < rest) rest -= bins[(at += step)]!;
  }
  return at === 0 ? 0 : 2 ** (at / PER_OCTAVE - OCTAVES / 2);
}
