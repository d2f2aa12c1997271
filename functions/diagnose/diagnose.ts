import type { Diagnosis, Hypothesis } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { isBad } from '../../layers/core/criterion.ts';
import { readingOf } from '../../layers/core/points.ts';
import type { Rule } from '../../layers/core/rule.ts';
import type { Severity } from '../../layers/core/taxonomy.ts';
import { rootsOf } from './roots/roots.ts';
import { rules } from './rules.generated.ts';
import { serviceState, target } from './support/facts.ts';

/**
 * Names the faults that explain the evidence, most probable first. Every rule gives the weight that the evidence has for
 * its fault when seen alone; divided by their sum the weights are confidences. Pure and deterministic: the same evidence
 * gives the same diagnosis, bit for bit.
 */
export function diagnose(evidence: Evidence, table: readonly Rule[] = Object.values(rules)): Diagnosis {
  const findings = table.flatMap((rule) => rule.find(evidence).map((finding) => ({ ...finding, fault: rule.fault })));
  const total = findings.reduce((sum, { weight }) => sum + weight, 0);
  const hypotheses = findings
    .filter(({ weight }) => weight > 0)
    .map(({ resource, fault, weight, because }): Hypothesis => ({
      resource,
      fault,
      confidence: weight / total,
      because: [...because],
    }))
    .sort(
      (a, b) =>
        b.confidence - a.confidence ||
        (a.fault < b.fault ? -1 : a.fault > b.fault ? 1 : a.resource < b.resource ? -1 : 1),
    );
  return {
    hypotheses,
    roots: rootsOf(evidence),
    severity: severityOf(evidence),
    onset: evidence.window.onset,
    gaps: evidence.gaps,
  };
}

/** How bad it is now: nothing runs; most of what it should do fails; some of it; or only a sign. */
function severityOf(evidence: Evidence): Severity {
  const state = serviceState(evidence);
  if (state && state.desired > 0 && state.running === 0) return 'critical';
  const { alarms, own } = target(evidence);
  const targets = [...alarms.flatMap(({ criteria }) => criteria), ...own].filter(({ role }) => role === 'target');
  const last = targets.flatMap((criterion) => {
    const value = [...readingOf(criterion, evidence.series).values.values()].at(-1);
    return value === undefined ? [] : [isBad(criterion, value)];
  });
  const bad = last.filter(Boolean).length;
  if (state && state.running < state.desired) return 'high';
  if (bad > 0) return bad * 2 >= last.length ? 'high' : 'medium';
  return 'low';
}
