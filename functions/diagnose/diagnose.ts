import { shortName } from '../../layers/core/arn.ts';
import { targetsOf } from '../../layers/core/inventory.ts';
import { isBad } from '../../layers/core/criterion.ts';
import type { Diagnosis, Hypothesis, Root } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { readingOf } from '../../layers/core/points.ts';
import type { Severity } from '../../layers/core/taxonomy.ts';
import { percent } from '../../layers/core/units.ts';
import { byRules } from './by-rules.ts';
import type { Forest } from './classify/forest.ts';
import { doubted } from './doubt.ts';
import { featuresOf } from './features/features.ts';
import { byModel } from './model/by-model.ts';
import { shippedModel } from './model/shipped.ts';
import { pooled } from './pool.ts';
import { possible } from './possible.ts';
import { rootsOf } from './roots/roots.ts';
import { serviceState, target } from './support/facts.ts';

/**
 * Names where the trouble began and which faults explain it, most probable first: the ranking of resources, the decision
 * table and the model, each by the same evidence. Pure and deterministic: the same evidence gives the same diagnosis, bit
 * for bit.
 * @param model asked where no model of the account's own was
 */
export function diagnose(evidence: Evidence, model: Forest = shippedModel()): Diagnosis {
  const roots = rootsOf(evidence);
  const ruled = byRules(evidence);
  const values = featuresOf(evidence, roots);
  const told = evidence.modelled?.hypotheses ?? byModel(evidence, values, model);
  const modelled = possible(told, ruled, values);
  const hypotheses = doubted(pooled(ruled, modelled), evidence.gaps);
  return {
    hypotheses: hypotheses.map((one) => withRoot(one, evidence, roots)),
    roots,
    severity: severityOf(evidence),
    onset: evidence.window.onset,
    gaps: evidence.gaps,
  };
}

/** A failure of something that it calls says of what, and why that. */
function withRoot(hypothesis: Hypothesis, { resource }: Evidence, [root]: readonly Root[]): Hypothesis {
  if (hypothesis.fault !== 'dependency-failure' || !root || root.resource === resource) return hypothesis;
  const said = `Most speaks for ${shortName(root.resource)} (${percent(root.share)}): ${root.because[0] ?? ''}`;
  return { ...hypothesis, because: [...hypothesis.because, said] };
}

/** How bad it is now: nothing runs; most of what it should do fails; some of it; or only a sign. */
function severityOf(evidence: Evidence): Severity {
  const state = serviceState(evidence);
  if (state && state.desired > 0 && state.running === 0) return 'critical';
  const last = targetsOf(target(evidence)).flatMap((criterion) => {
    const value = [...readingOf(criterion, evidence.series).values.values()].at(-1);
    return value === undefined ? [] : [isBad(criterion, value)];
  });
  const bad = last.filter(Boolean).length;
  if (state && state.running < state.desired) return 'high';
  if (bad > 0) return bad * 2 >= last.length ? 'high' : 'medium';
  return 'low';
}
