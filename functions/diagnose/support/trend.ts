/** A stretch of a series without a drop: the life of one set of tasks. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly points: number;
  /** Kendall's rank correlation with time, -1 to 1. */
  readonly tau: number;
  /** Where in the series the last point lies before a tenth of the rise was done. */
  readonly foot: number;
  /** Where the last point lies that is as good as level. */
  readonly level: number;
}

/** A fall by more than this share of the value is a restart, not noise. */
const DROP = 0.2;

/** What is not yet counted as risen, as a share of the whole rise. */
export const STILL_LEVEL = 0.1;
/** What noise does to a level series, as a share of the rise. */
const NOISE = 0.02;

/** The stretch between restarts that rises most; undefined when none has enough points to be called a trend. */
export function steepestRise(values: readonly number[], fewest = 5): Stretch | undefined {
  const rises = splitAtDrops(values)
    .map(({ start, stretch }) => riseOf(start, stretch))
    .filter(({ points }) => points >= fewest);
  return rises.sort((a, b) => b.to - b.from - (a.to - a.from))[0];
}

/** The level stretch before the rise is no part of it: however long it is, the rise after it is as steady. */
function riseOf(start: number, stretch: readonly number[]): Stretch {
  const to = stretch.at(-1) ?? 0;
  const base = Math.min(...stretch);
  const below = (share: number): number =>
    Math.max(
      0,
      stretch.findLastIndex((value) => value <= base + share * (to - base)),
    );
  const foot = below(STILL_LEVEL);
  const rise = stretch.slice(foot);
  const tau = kendallTau(rise);
  return { from: rise[0] ?? 0, to, points: rise.length, tau, foot: start + foot, level: start + below(NOISE) };
}

interface Split {
  /** Index of its first value in the series. */
  readonly start: number;
  readonly stretch: number[];
}

function splitAtDrops(values: readonly number[]): readonly Split[] {
  const splits: Split[] = [{ start: 0, stretch: [] }];
  for (const [index, value] of values.entries()) {
    const last = splits.at(-1)?.stretch.at(-1);
    if (last !== undefined && value < last * (1 - DROP)) splits.push({ start: index, stretch: [] });
    splits.at(-1)?.stretch.push(value);
  }
  return splits;
}

/** Kendall's tau-a against time: concordant minus discordant pairs over all pairs (Kendall 1938). Ties count as neither. */
export function kendallTau(values: readonly number[]): number {
  const pairs = (values.length * (values.length - 1)) / 2;
  if (pairs === 0) return 0;
  let score = 0;
  for (let later = 1; later < values.length; later += 1)
    for (let earlier = 0; earlier < later; earlier += 1)
      score += Math.sign((values[later] ?? 0) - (values[earlier] ?? 0));
  return score / pairs;
}
