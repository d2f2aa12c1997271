import type { Hypothesis } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import type { Rule } from '../../layers/core/rule.ts';
import { rules } from './rules.generated.ts';

/**
 * What the decision table says, most probable first. Every rule gives the weight that the evidence has for its fault when
 * seen alone; divided by their sum the weights are confidences.
 */
export function byRules(evidence: Evidence, table: readonly Rule[] = Object.values(rules)): Hypothesis[] {
  const findings = table
    .flatMap((rule) => rule.find(evidence).map((finding) => ({ ...finding, fault: rule.fault })))
    .filter(({ weight }) => weight > 0);
  const total = findings.reduce((sum, { weight }) => sum + weight, 0);
  return findings
    .map(({ resource, fault, weight, because }): Hypothesis => ({
      resource,
      fault,
      confidence: weight / total,
      because: [...because],
    }))
    .sort(byConfidence);
}

/** The most probable first; ties by name, so that the same evidence gives the same order. */
export const byConfidence = (a: Hypothesis, b: Hypothesis): number =>
  b.confidence - a.confidence ||
  (a.fault < b.fault ? -1 : a.fault > b.fault ? 1 : a.resource < b.resource ? -1 : a.resource > b.resource ? 1 : 0);
