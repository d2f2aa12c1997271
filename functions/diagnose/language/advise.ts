import { LONG_SHOT, type Diagnosis, type Hypothesis } from '../../../layers/core/diagnosis.ts';
import type { Opinion } from '../../../layers/core/language.ts';
import { normalised } from '../knowledge/weigh.ts';
import { percent } from '../../../layers/core/units.ts';

/** A language model at most doubles or halves what evidence and experience give a hypothesis. */
const BOUND = 2;

/**
 * Lets a language model's opinion weigh in, within bounds and with its reason. Pure. Each hypothesis that it ranked moves
 * towards the share that it gives it, by at most the bound; none is added, none goes. What was too unlikely to be acted on stays
 * so: its words may come from a log that somebody else wrote. Afterwards confidences add up to 1.
 */
export function advise(diagnosis: Diagnosis, opinion: Opinion | undefined): Diagnosis {
  if (!opinion) return diagnosis;
  const ranked = (one: Hypothesis) =>
    opinion.ranking.find(({ resource, fault }) => one.resource === resource && one.fault === fault);
  const given = opinion.ranking.reduce((sum, { probability }) => sum + probability, 0);
  // What it was not asked about, or left out, keeps its part.
  const mass = diagnosis.hypotheses.reduce((sum, one) => sum + (ranked(one) ? one.confidence : 0), 0);
  if (given <= 0 || mass <= 0) return diagnosis;
  const moved = diagnosis.hypotheses.map((one): Hypothesis => {
    const rank = ranked(one);
    if (!rank || one.confidence <= 0) return one;
    const wanted = (rank.probability / given) * mass;
    const factor = Math.min(BOUND, Math.max(1 / BOUND, wanted / one.confidence));
    if (Math.abs(factor - 1) < 0.01) return one;
    const why = `Weighed ${factor > 1 ? 'up' : 'down'} ${factor.toFixed(2)} times: the language model ${opinion.model} gives it ${percent(rank.probability)}.`;
    return { ...one, confidence: one.confidence * factor, because: [...one.because, why] };
  });
  return { ...diagnosis, hypotheses: explained(stillUnlikely(normalised(moved), diagnosis), opinion) };
}

/** Holds down what was unlikely before; what it would have gained goes to the rest. */
function stillUnlikely(advised: readonly Hypothesis[], { hypotheses }: Diagnosis): Hypothesis[] {
  const before = new Map(hypotheses.map((one) => [`${one.resource} ${one.fault}`, one.confidence]));
  const isHeld = (one: Hypothesis): boolean =>
    one.confidence > LONG_SHOT && (before.get(`${one.resource} ${one.fault}`) ?? 0) <= LONG_SHOT;
  const held = advised.filter(isHeld).length * LONG_SHOT;
  const rest = advised.reduce((sum, one) => sum + (isHeld(one) ? 0 : one.confidence), 0);
  if (held === 0 || rest <= 0) return [...advised];
  return normalised(
    advised.map((one) => ({ ...one, confidence: isHeld(one) ? LONG_SHOT : (one.confidence / rest) * (1 - held) })),
  );
}

/** Its words stand with the hypothesis that comes first, as its words. */
function explained([first, ...others]: readonly Hypothesis[], { explanation }: Opinion): Hypothesis[] {
  if (!first) return [];
  if (explanation === '') return [first, ...others];
  return [{ ...first, because: [...first.because, `The language model says: "${explanation}"`] }, ...others];
}
