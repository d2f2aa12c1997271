import type { Hypothesis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { Fault } from '../../../layers/core/taxonomy.ts';
import { percent, type Ratio } from '../../../layers/core/units.ts';
import { classify, type Forest } from '../classify/forest.ts';
import { spokenFeature } from '../features/spoken.ts';

/** A fault less probable than this is not told. */
const LEAST: Ratio = 0.02;
/** Features that are told as reasons, and what one must change to be told. */
const MOST_REASONS = 3;
const TELLING: Ratio = 0.05;

/**
 * What the model says: faults of the incident's own resource, most probable first, with the features that speak for each.
 * Where no fault is probable enough, so much goes to `unknown` as is missing.
 */
export function byModel(evidence: Evidence, values: Readonly<Record<string, number>>, forest: Forest): Hypothesis[] {
  const { probabilities } = classify(forest, values);
  const best = probabilities[0]?.probability ?? 0;
  const known = Math.min(1, best / Math.max(forest.knownFrom, Number.EPSILON));
  const told = probabilities.flatMap(({ label, probability }): Hypothesis[] => {
    const fault = Fault.safeParse(label).data;
    if (!fault || fault === 'unknown' || probability * known < LEAST) return [];
    const because = reasonsFor(label, probability, values, forest);
    return [{ resource: evidence.resource, fault, confidence: probability * known, because }];
  });
  const rest = 1 - told.reduce((sum, { confidence }) => sum + confidence, 0);
  return [...told, unknown(evidence, rest)];
}

const unknown = ({ resource }: Evidence, confidence: Ratio): Hypothesis => ({
  resource,
  fault: 'unknown',
  confidence: Math.max(0, confidence),
  because: ['The model knows no fault that looks like this.'],
});

/**
 * What speaks for a label: the features without which it would be less probable, by how much (Robnik-Šikonja and Kononenko
 * 2008, "Explaining classifications for individual instances": a feature is taken away and the difference is its part).
 */
function reasonsFor(
  label: string,
  probability: Ratio,
  values: Readonly<Record<string, number>>,
  forest: Forest,
): string[] {
  const parts = Object.entries(values).map(([name, value]) => {
    const without = classify(forest, { ...values, [name]: undefined }).probabilities;
    const left = without.find((one) => one.label === label)?.probability ?? 0;
    return { name, value, part: probability - left };
  });
  const telling = parts
    .filter(({ part }) => part >= TELLING)
    .sort((a, b) => b.part - a.part || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_REASONS)
    .map(({ name, value }) => spokenFeature(name, value));
  const because = telling.length > 0 ? telling : ['No single number decides it.'];
  return [`${percent(probability)} of what looked like this was ${label}.`, ...because];
}
