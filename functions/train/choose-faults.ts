/** Refines the shipped fault model by the account's own incidents, and says whether that may replace what is in use. Pure. */
import { epoch } from '../../layers/core/points.ts';
import type { Ratio } from '../../layers/core/units.ts';
import { reliability, type Judged } from '../detect/failure/calibration.ts';
import { classify, type Forest } from '../diagnose/classify/forest.ts';
import { refined, type OwnCase, type OwnCases } from '../diagnose/model/refine.ts';
import { byChance, CHANCE, heldBackSince, LEAST_JUDGED, LEAST_LEARNED, tooFew } from './held-back.ts';
import type { Choice, InUse, Losses } from './held-back.ts';
import type { KnownCase } from './known-faults.ts';

/** What the shipped model may count in a leaf: from little more than one incident to as much as two hundred, which change little. */
const WEIGHTS = [2, 4, 8, 16, 32, 64];
/** A probability that is as good as none. */
const LEAST: Ratio = 1e-6;

/**
 * The newest part is held back, by time. What the shipped model counts is chosen on the older part: each incident foretold
 * from those before it (prequential, Dawid 1984), by log loss.
 * @param cases the oldest first
 */
export function chooseFaults(
  cases: readonly KnownCase[],
  shipped: Forest,
  { model: inUse, judgeSince }: InUse<OwnCases>,
): Choice<OwnCases, KnownCase> {
  const since = heldBackSince(
    cases.filter(isKnown).map(({ at }) => epoch(at)),
    judgeSince,
  );
  const learnedFrom = cases.filter(({ at }) => epoch(at) < since);
  const judgedOn = cases.filter(({ at }) => epoch(at) >= since);
  const [learned, judged] = [learnedFrom.filter(isKnown).length, judgedOn.filter(isKnown).length];
  if (learned < LEAST_LEARNED || judged < LEAST_JUDGED) {
    const sinceBack = judgeSince === undefined ? undefined : judged;
    return { kind: 'too-few', why: tooFew('incidents whose fault is known', learned + judged, sinceBack) };
  }
  const model = learn(learnedFrom, shipped);
  const [newModel, oldModel] = [refined(shipped, model), inUse ? refined(shipped, inUse) : shipped];
  const gains = [...Map.groupBy(judgedOn, witnessOf).values()].map((some) =>
    some.reduce((sum, one) => sum + one.weight * (brierOf(oldModel, one) - brierOf(newModel, one)), 0),
  );
  const [own, before] = [lossesOf(newModel, judgedOn), lossesOf(oldModel, judgedOn)];
  const chance = byChance(gains);
  const better = chance < CHANCE && own.logLoss < before.logLoss;
  const rows = reliability(judgedOn.map((one) => mostProbable(newModel, one)));
  return { kind: 'judged', model, learnedFrom, judgedOn, since, own, inUse: before, reliability: rows, chance, better };
}

/** What one resource suffers on one day is one trouble, however often it comes back: no independent witnesses. */
const witnessOf = ({ resource, at }: KnownCase): string => `${resource} ${at.slice(0, 10)}`;

function learn(cases: readonly KnownCase[], shipped: Forest): OwnCases {
  const own = cases.map(({ incidentId, fault, weight, values }): OwnCase => ({ incidentId, fault, weight, values }));
  const losses = WEIGHTS.map((shippedCounts) =>
    own.reduce((sum, one, i) => {
      const before = refined(shipped, { schema: 1, shippedCounts, cases: own.slice(0, i) });
      return sum + one.weight * logLossOf(before, one);
    }, 0),
  );
  return { schema: 1, shippedCounts: WEIGHTS[losses.indexOf(Math.min(...losses))]!, cases: own };
}

const isKnown = ({ weight }: OwnCase): boolean => weight === 1;

function lossesOf(model: Forest, cases: readonly OwnCase[]): Losses {
  const total = cases.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: typeof brierOf) => cases.reduce((sum, one) => sum + one.weight * of(model, one), 0) / total;
  return { brier: mean(brierOf), logLoss: mean(logLossOf) };
}

/** How sure it is of the fault that it holds most probable, and whether it is right. */
function mostProbable(model: Forest, { fault, values, weight }: OwnCase): Judged {
  const { probabilities } = classify(model, values);
  const best = probabilities.reduce((a, b) => (b.probability > a.probability ? b : a));
  return { score: best.probability, failed: best.label === fault, weight };
}

/** Sum of squares over all labels (Brier 1950): 0 is perfect, 2 is sure of something else. */
function brierOf(model: Forest, { fault, values }: OwnCase): number {
  const { probabilities } = classify(model, values);
  const known = probabilities.some(({ label }) => label === fault) ? 0 : 1;
  return probabilities.reduce(
    (sum, { label, probability }) => sum + (probability - (label === fault ? 1 : 0)) ** 2,
    known,
  );
}

function logLossOf(model: Forest, { fault, values }: OwnCase): number {
  const found = classify(model, values).probabilities.find(({ label }) => label === fault);
  return -Math.log(Math.max(LEAST, found?.probability ?? 0));
}
