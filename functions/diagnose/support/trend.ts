/** A stretch of a series without a drop: the life of one set of tasks. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly points: number;
  /** Kendall's rank correlation with time, -1 to 1. */
  readonly tau: number;
}

/** A fall by more than this share of the value is a restart, not noise. */
const DROP = 0.2;

/** The stretch between restarts that rises most; undefined when none has enough points to be called a trend. */
export function steepestRise(values: readonly number[], fewest = 5): Stretch | undefined {
  const stretches = splitAtDrops(values)
    .filter((stretch) => stretch.length >= fewest)
    .map((stretch) => ({
      from: stretch[0] ?? 0,
      to: stretch.at(-1) ?? 0,
      points: stretch.length,
      tau: kendallTau(stretch),
    }));
  return stretches.sort((a, b) => b.to - b.from - (a.to - a.from))[0];
}

function splitAtDrops(values: readonly number[]): number[][] {
  const stretches: number[][] = [[]];
  for (const value of values) {
    const last = stretches.at(-1)?.at(-1);
    if (last !== undefined && value < last * (1 - DROP)) stretches.push([]);
    stretches.at(-1)?.push(value);
  }
  return stretches;
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
