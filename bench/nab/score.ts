/**
 * The scoring function of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015, "Evaluating real-time anomaly detection
 * algorithms", §3; `nab/sweeper.py` of version 1.1): the earliest detection in a window counts by how early it is, each
 * detection outside one costs, one threshold serves the whole corpus.
 */

export interface Profile {
  readonly name: string;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

/** One series with a detector's scores: windows as pairs of row indices, both inclusive. */
export interface ScoredSeries {
  readonly scores: ArrayLike<number>;
  readonly windows: readonly (readonly [number, number])[];
}

/** What one row is worth when detected; `window` is its window's index, -1 outside any. Rows of probation are left out. */
interface ScoredRow {
  readonly score: number;
  readonly window: number;
  readonly worth: number;
}

export interface Outcome {
  readonly threshold: number;
  /** Sum over series of detections' worth and missed windows' cost. */
  readonly raw: number;
}

/** Rows at the start of a series in which detectors learn and nothing counts. */
export function probation(rows: number): number {
  return Math.floor(0.15 * Math.min(rows, 5000));
}

/** +1 far inside a window, 0 at its end, -1 from three widths after it. */
function sigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** 0 = a detector that finds nothing, 100 = one that finds every window at its first row and nothing else. */
export function normalised(raw: number, windows: number, { tp, fn }: Profile): number {
  return windows === 0 ? Number.NaN : (100 * (raw + fn * windows)) / ((tp + fn) * windows);
}

/** The raw score of one series at `threshold` (a row is a detection when its score is at least that). */
export function rawScore(series: ScoredSeries, threshold: number, profile: Profile): number {
  const best = series.windows.map(() => -profile.fn);
  let cost = 0;
  for (const { score, window, worth } of scoredRows(series, profile)) {
    if (score < threshold) continue;
    if (window === -1) cost += worth;
    else best[window] = Math.max(best[window] ?? worth, worth);
  }
  return best.reduce((sum, each) => sum + each, cost);
}

/** The one threshold that is best for all `corpus` together, and the raw score there. */
export function sweep(corpus: readonly ScoredSeries[], profile: Profile): Outcome {
  const rows: { readonly score: number; readonly window: number; readonly worth: number }[] = [];
  const best: number[] = [];
  for (const series of corpus) {
    const first = best.length;
    for (const row of scoredRows(series, profile)) {
      rows.push(row.window === -1 ? row : { ...row, window: first + row.window });
    }
    for (const _ of series.windows) best.push(-profile.fn);
  }
  rows.sort((a, b) => b.score - a.score);
  let raw = best.reduce((sum, each) => sum + each, 0);
  let top: Outcome = { threshold: Number.POSITIVE_INFINITY, raw };
  rows.forEach(({ score, window, worth }, i) => {
    const held = best[window];
    if (held === undefined) raw += worth;
    else if (worth > held) {
      raw += worth - held;
      best[window] = worth;
    }
    if (rows[i + 1]?.score !== score && raw > top.raw) top = { threshold: score, raw };
  });
  return top;
}

function* scoredRows({ scores, windows }: ScoredSeries, { tp, fp }: Profile): Generator<ScoredRow> {
  let next = 0;
  for (let i = 0; i < scores.length; i++) {
    while (next < windows.length && i > (windows[next]?.[1] ?? i)) next++;
    const [left, right] = windows[next] ?? [Number.POSITIVE_INFINITY, 0];
    if (i < probation(scores.length)) continue;
    const score = scores[i] ?? 0;
    if (i >= left) {
      const position = -(right - i + 1) / (right - left + 1);
      yield { score, window: next, worth: (tp * sigmoid(position)) / sigmoid(-1) };
    } else yield { score, window: -1, worth: fp * afterWindow(i, windows[next - 1]) };
  }
}

function afterWindow(row: number, window: readonly [number, number] | undefined): number {
  if (!window) return -1;
  const [left, right] = window;
  return sigmoid(Math.abs((right - row) / (right - left)));
}
