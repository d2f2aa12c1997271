export interface Verdict {
  readonly flagged: boolean;
  readonly anomalous: boolean;
}

export interface Found {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function found(verdicts: readonly Verdict[]): Found {
  const hits = verdicts.filter(({ flagged, anomalous }) => flagged && anomalous).length;
  const flags = verdicts.filter(({ flagged }) => flagged).length;
  const all = verdicts.filter(({ anomalous }) => anomalous).length;
  return {
    precision: flags === 0 ? 0 : hits / flags,
    recall: all === 0 ? 0 : hits / all,
    f1: flags + all === 0 ? 0 : (2 * hits) / (flags + all),
  };
}

/**
 * What the best rule on exact sequences finds, knowing the answers: sessions with the same events in the same order can
 * only be told apart by guessing, so whole sequences are flagged, the surest first, up to the best F1. No detector that
 * looks at a session's events alone does better on these rows.
 */
export function oracle(sequences: readonly string[], anomalous: readonly boolean[]): Found {
  const kinds = new Map<string, { bad: number; all: number }>();
  sequences.forEach((name, i) => {
    const kind = kinds.get(name) ?? { bad: 0, all: 0 };
    kinds.set(name, { bad: kind.bad + (anomalous[i] ? 1 : 0), all: kind.all + 1 });
  });
  const total = anomalous.filter(Boolean).length;
  let best: Found = { precision: 0, recall: 0, f1: 0 };
  let [hits, flags] = [0, 0];
  for (const { bad, all } of [...kinds.values()].sort((a, b) => b.bad / b.all - a.bad / a.all)) {
    [hits, flags] = [hits + bad, flags + all];
    const f1 = (2 * hits) / Math.max(1, flags + total);
    if (f1 > best.f1) best = { precision: hits / flags, recall: hits / total, f1 };
  }
  return best;
}

/** The best F1 of any threshold on a score, chosen knowing the answers: an upper bound, not a result. */
export function atBestThreshold(scores: readonly number[], anomalous: readonly boolean[]): Found {
  const thresholds = [...new Set(scores)];
  return thresholds
    .map((threshold) =>
      found(scores.map((score, i) => ({ flagged: score >= threshold, anomalous: anomalous[i] ?? false }))),
    )
    .reduce((a, b) => (b.f1 > a.f1 ? b : a), { precision: 0, recall: 0, f1: 0 });
}
