/**
 * `node bench/diagnosis/fit-pool.ts`: how far the pooled answer is to be sharpened (`SHARPNESS` in functions/diagnose/pool.ts).
 *
 * It counts log loss on modelled seeds that neither training nor the bench use. The modelled shop has no fault that nobody
 * thought of, and on it alone nothing would be too sharp: so one incident in ten counts as if its fault were neither among the
 * rules nor the model's labels, where `unknown` is right.
 */
import { byRules } from '../../functions/diagnose/by-rules.ts';
import { featuresOf } from '../../functions/diagnose/features/features.ts';
import { byModel } from '../../functions/diagnose/model/by-model.ts';
import { shippedModel } from '../../functions/diagnose/model/shipped.ts';
import { pooled } from '../../functions/diagnose/pool.ts';
import { possible } from '../../functions/diagnose/possible.ts';
import { rootsOf } from '../../functions/diagnose/roots/roots.ts';
import type { Hypothesis } from '../../layers/core/diagnosis.ts';
import { casesOf, type Case } from './episodes.ts';
import { faultsOf } from './truth.ts';

const SEEDS = { from: 201, to: 240 };
const UNTHOUGHT_OF = 0.1;
/** A fault that is not named at all. */
const LEAST = 1e-3;

interface Opinions {
  readonly ruled: readonly Hypothesis[];
  readonly modelled: readonly Hypothesis[];
  readonly right: readonly string[];
}

function opinionsOf(one: Case): Opinions {
  const { evidence } = one;
  const [roots, ruled] = [rootsOf(evidence), byRules(evidence)];
  const values = featuresOf(evidence, roots);
  const modelled = possible(byModel(evidence, values, shippedModel()), ruled, values);
  return { ruled, modelled, right: faultsOf(one) };
}

/** The same, had nobody thought of its fault: rules name the others, and the model does not know it. */
function unthoughtOf({ ruled, modelled, right }: Opinions): Opinions {
  const others = (all: readonly Hypothesis[]) => all.filter(({ fault }) => !right.includes(fault));
  const sum = (all: readonly Hypothesis[]) => all.reduce((total, { confidence }) => total + confidence, 0);
  const left = others(ruled);
  const known = others(modelled).filter(({ fault }) => fault !== 'unknown');
  const [some] = modelled;
  return {
    ruled: left.map((one) => ({ ...one, confidence: one.confidence / sum(left) })),
    modelled: some ? [...known, { ...some, fault: 'unknown', confidence: 1 - sum(known) }] : [],
    right: ['unknown'],
  };
}

function logLossOf({ ruled, modelled, right }: Opinions, sharpness: number): number {
  const named = pooled(ruled, modelled, { sharpness }).filter(({ fault }) => right.includes(fault));
  return -Math.log(Math.max(LEAST, ...named.map(({ confidence }) => confidence)));
}

const seen: Opinions[] = [];
for (let seed = SEEDS.from; seed <= SEEDS.to; seed += 1) seen.push(...(await casesOf(seed)).map(opinionsOf));
const unseen = seen.map(unthoughtOf);
const mean = (all: readonly Opinions[], sharpness: number): number =>
  all.reduce((sum, one) => sum + logLossOf(one, sharpness), 0) / all.length;
for (let sharpness = 1; sharpness <= 4; sharpness = Math.round(10 * sharpness + 2) / 10)
  console.log(
    `${sharpness}: ${((1 - UNTHOUGHT_OF) * mean(seen, sharpness) + UNTHOUGHT_OF * mean(unseen, sharpness)).toFixed(4)}`,
  );
