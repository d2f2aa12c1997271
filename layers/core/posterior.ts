import * as z from 'zod';
import type { Ratio } from './units.ts';

/** A Beta distribution over the chance that an action heals a fault on a resource type. */
export const Posterior = z.object({ alpha: z.number().positive(), beta: z.number().positive() });
export type Posterior = z.infer<typeof Posterior>;

export const OUTCOMES = ['recovered', 'unchanged', 'worse', 'unknown'] as const;
export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

export const posteriorMean = ({ alpha, beta }: Posterior): Ratio => alpha / (alpha + beta);

/**
 * Bayes' update of a Beta prior by one Bernoulli trial (conjugate: Gelman et al., Bayesian Data Analysis, §2.4).
 * `unknown` teaches nothing.
 */
export function updatePosterior(prior: Posterior, outcome: Outcome): Posterior {
  if (outcome === 'unknown') return prior;
  return outcome === 'recovered' ? { ...prior, alpha: prior.alpha + 1 } : { ...prior, beta: prior.beta + 1 };
}
