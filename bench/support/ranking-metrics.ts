/** How well scores part anomalous rows from the others, row by row: no point adjustment, which even noise profits from. */

export interface RankingMetrics {
  /** Average precision: the area under the precision-recall curve by steps. */
  readonly aucPr: number;
  /** Best F1 of any threshold. */
  readonly bestF1: number;
}

/** Rows of the same score are one step. @throws RangeError when no row is anomalous */
export function rankingMetrics(anomalous: readonly boolean[], scores: ArrayLike<number>): RankingMetrics {
  const positives = anomalous.filter(Boolean).length;
  if (positives === 0) throw new RangeError('supply at least one anomalous row, got none');
  const order = Array.from(anomalous, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let hits = 0;
  let recalled = 0;
  let aucPr = 0;
  let bestF1 = 0;
  order.forEach((row, rank) => {
    if (anomalous[row]) hits += 1;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[row]) return;
    const precision = hits / (rank + 1);
    aucPr += precision * ((hits - recalled) / positives);
    recalled = hits;
    bestF1 = Math.max(bestF1, (2 * hits) / (rank + 1 + positives));
  });
  return { aucPr, bestF1 };
}
