/** Two-sided tail probabilities. */

/** P(|Z| ≥ z) of a standard normal, to 1.2e-7 relative (Numerical Recipes, erfcc, after Hastings). */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const c = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  let poly = 0;
  for (let i = c.length - 1; i >= 0; i--) poly = poly * t + c[i]!;
  return t * Math.exp(-x * x + poly);
}

/** P(|T| ≥ t) of Student's t with `freedom` degrees (Wallace 1959's normalising transformation, to 1 % from 5 degrees). */
export function studentTail(t: number, freedom: number): number {
  const z = ((8 * freedom + 1) / (8 * freedom + 3)) * Math.sqrt(freedom * Math.log1p((t * t) / freedom));
  return normalTail(z);
}

/**
 * P-value of the generalised ESD test (Rosner 1983) for the one most extreme of `n` values, `deviation` standard deviations
 * from their middle: Student's tail of what is left when that value is taken out, times n places it could have been at.
 */
export function extremeDeviate(deviation: number, n: number): number {
  const square = deviation * deviation;
  const rest = (n - 1) ** 2 - n * square;
  // No sample of n can have so large a deviation by its own standard deviation; by a robust one it can.
  if (rest <= 0) return 0;
  return Math.min(1, n * studentTail(Math.sqrt((square * n * (n - 2)) / rest), n - 2));
}
