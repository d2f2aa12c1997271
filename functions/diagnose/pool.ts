import { LONG_SHOT, type Hypothesis } from '../../layers/core/diagnosis.ts';
import { percent, type Ratio } from '../../layers/core/units.ts';
import { byConfidence } from './by-rules.ts';
import { sharpen } from './classify/forest.ts';

/**
 * How much the model counts beside the rules: as much. More than that makes incidents recorded on the local account wrong that
 * the rules have right; less leaves the model's better judgement of what the rules were not written for unheard. Chosen on
 * modelled seeds that neither training nor the bench use.
 */
const MODEL_WEIGHT: Ratio = 0.5;
/** How much it counts for a fault that no rule finds: a change of production rests on something that a person can check. */
const ALONE = LONG_SHOT;
/** Both are sure of something else: then neither is believed as much as before. */
const SURE: Ratio = 0.5;
/** What of the model's weight every fault loses to `unknown` when they disagree so: who counts little casts little doubt. */
const DISPUTED: Ratio = 0.5;
/**
 * The mean of opinions that are each as sure as they are right is less sure than it is right (Ranjan and Gneiting 2010,
 * "Combining probability forecasts"). So it is sharpened by the exponent of least log loss (temperature scaling, Guo et al. 2017):
 * bench/diagnosis/fit-pool.ts finds it, on modelled seeds that neither training nor the bench use.
 */
const SHARPNESS = 2.4;

/**
 * Two opinions as one: the weighted mean of their probabilities (linear opinion pool, Stone 1961), which, unlike their
 * product, lets no opinion rule out what the other holds likely. As far as the model says `unknown` it has seen nothing like
 * this, and abstains: the rules, which have an `unknown` of their own, count for the more, as they do where it speaks alone.
 * Reasons are the rules' where they have any: a person can check them; then the model's.
 */
export function pooled(
  ruled: readonly Hypothesis[],
  modelled: readonly Hypothesis[],
  { weight = MODEL_WEIGHT, sharpness = SHARPNESS } = {},
): Hypothesis[] {
  const named = modelled.filter(({ fault }) => fault !== 'unknown');
  const found = new Set(ruled.map(keyOf));
  const weightOf = (one: Hypothesis): Ratio => (found.has(keyOf(one)) ? weight : Math.min(weight, ALONE));
  const ruledWeight = 1 - named.reduce((sum, one) => sum + weightOf(one) * one.confidence, 0);
  const dispute = disputeOf(ruled, modelled);
  const belief = dispute ? 1 - DISPUTED * weightOf(modelled[0]!) : 1;
  const keys = new Set([...ruled, ...named].map(keyOf));
  const mixed = [...keys].flatMap((key): Hypothesis[] => {
    const [rule, model] = [ruled.find((one) => keyOf(one) === key), named.find((one) => keyOf(one) === key)];
    const one = rule ?? model;
    if (!one) return [];
    const mean = ruledWeight * (rule?.confidence ?? 0) + (model ? weightOf(model) * model.confidence : 0);
    const confidence = one.fault === 'unknown' ? mean * belief + (1 - belief) : mean * belief;
    const because = one.fault === 'unknown' ? one.because : [...(rule?.because ?? []), ...(model?.because ?? [])];
    return [{ ...one, confidence, because: dispute ? [...because, dispute] : because }];
  });
  const [ruledToo, alone] = [
    mixed.filter((one) => found.has(keyOf(one))),
    mixed.filter((one) => !found.has(keyOf(one))),
  ];
  return [...sharpened(ruledToo, sharpness), ...alone].filter(({ confidence }) => confidence > 0).sort(byConfidence);
}

/** Among themselves: what the model names alone keeps what it has, for `ALONE` says how much that may be. */
function sharpened(ruled: readonly Hypothesis[], exponent: number): Hypothesis[] {
  const total = ruled.reduce((sum, { confidence }) => sum + confidence, 0);
  const shares = sharpen(
    Float64Array.from(ruled, ({ confidence }) => confidence / total),
    exponent,
  );
  return ruled.map((one, i) => ({ ...one, confidence: total * (shares[i] ?? 0) }));
}

const keyOf = ({ resource, fault }: Hypothesis): string => `${resource} ${fault}`;

function disputeOf([rule]: readonly Hypothesis[], [model]: readonly Hypothesis[]): string | undefined {
  if (!rule || !model || rule.fault === model.fault || [rule.fault, model.fault].includes('unknown')) return undefined;
  if (rule.confidence < SURE || model.confidence < SURE) return undefined;
  return `Rules and model disagree: ${rule.fault} (${percent(rule.confidence)}) by the rules, ${model.fault} (${percent(model.confidence)}) by the model.`;
}
