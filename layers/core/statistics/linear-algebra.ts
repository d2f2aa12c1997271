/** Dense matrices as rows of numbers, small enough (under a few hundred columns) for the plain methods. */

/**
 * Solves A X = B for a symmetric positive definite A by Cholesky's factorisation (Golub and Van Loan 2013, §4.2).
 * @param a n × n, row-major. @param b n × m, row-major. @returns X, n × m, row-major.
 * @throws RangeError when A is not positive definite.
 */
export function solvePositive(a: ArrayLike<number>, b: ArrayLike<number>, n: number, m: number): Float64Array {
  const l = cholesky(a, n);
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i += 1) {
    for (let k = 0; k < i; k += 1) subtractRow(x, i, k, l[i * n + k]!, m);
    scaleRow(x, i, 1 / l[i * n + i]!, m);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) subtractRow(x, i, k, l[k * n + i]!, m);
    scaleRow(x, i, 1 / l[i * n + i]!, m);
  }
  return x;
}

function cholesky(a: ArrayLike<number>, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k += 1) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i !== j) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
      else throw new RangeError(`supply a positive definite matrix, got a pivot of ${sum} in row ${i}`);
    }
  return l;
}

function subtractRow(x: Float64Array, to: number, from: number, factor: number, m: number): void {
  if (factor === 0) return;
  for (let c = 0; c < m; c += 1) x[to * m + c]! -= factor * x[from * m + c]!;
}

function scaleRow(x: Float64Array, row: number, factor: number, m: number): void {
  for (let c = 0; c < m; c += 1) x[row * m + c]! *= factor;
}

export interface Eigen {
  /** Largest first. */
  readonly values: readonly number[];
  /** One a value, of length one. */
  readonly vectors: readonly (readonly number[])[];
}

const SWEEPS = 60;

/** Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan 2013, §8.5). */
export function eigenSymmetric(matrix: ArrayLike<number>, n: number): Eigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) v[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS && offDiagonal(a, n) > 1e-20 * n * n; sweep += 1)
    for (let p = 0; p < n - 1; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, v, p, q, n);
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  return {
    values: order.map((i) => a[i * n + i]!),
    vectors: order.map((i) => Array.from({ length: n }, (_, row) => v[row * n + i]!)),
  };
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i += 1) for (let j = 0; j < i; j += 1) sum += a[i * n + j]! ** 2;
  return sum;
}

function rotate(a: Float64Array, v: Float64Array, p: number, q: number, n: number): void {
  const apq = a[p * n + q]!;
  if (Math.abs(apq) < 1e-300) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < n; k += 1) turn(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k += 1) turn(a, p * n + k, q * n + k, c, s);
  for (let k = 0; k < n; k += 1) turn(v, k * n + p, k * n + q, c, s);
}

function turn(x: Float64Array, i: number, j: number, c: number, s: number): void {
  const xi = x[i]!;
  const xj = x[j]!;
  x[i] = c * xi - s * xj;
  x[j] = s * xi + c * xj;
}
