import type { Diagnosis } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { diagnose } from './diagnose.ts';
import { advise } from './language/advise.ts';
import { placed } from './knowledge/order.ts';
import { weigh } from './knowledge/weigh.ts';

/**
 * The diagnosis of an incident: what its evidence says, weighed by what was learned from earlier ones and by the opinion of a
 * language model where one was asked; it says what it has followed before. Pure: all of it is in the evidence, so that the same
 * evidence gives the same diagnosis, bit for bit.
 */
export const conclude = (evidence: Evidence): Diagnosis =>
  placed(advise(weigh(diagnose(evidence), evidence), evidence.opinion), evidence);
