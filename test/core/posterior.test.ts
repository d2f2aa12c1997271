import { expect, test } from 'vitest';
import { posteriorMean, updatePosterior, type Outcome } from '../../layers/core/posterior.ts';

const learnAll = (prior: { alpha: number; beta: number }, outcomes: readonly Outcome[]) =>
  outcomes.reduce((posterior, outcome) => updatePosterior(posterior, outcome), prior);

const times = (n: number, outcome: Outcome): Outcome[] => Array<Outcome>(n).fill(outcome);

/**
 * Gelman, Carlin, Stern, Dunson, Vehtari, Rubin: Bayesian Data Analysis, 3rd edition, §2.4, "Example. Estimating the
 * probability of a female birth given placenta previa": 437 girls among 980 births, uniform prior Beta(1, 1). The book
 * gives the posterior Beta(438, 544) with mean 0.446 and standard deviation 0.016.
 */
test('the update gives the published posterior of the placenta previa example', () => {
  const posterior = learnAll({ alpha: 1, beta: 1 }, [...times(437, 'recovered'), ...times(543, 'unchanged')]);

  expect(posterior).toEqual({ alpha: 438, beta: 544 });
  expect(posteriorMean(posterior)).toBeCloseTo(0.446, 3);
  const { alpha, beta } = posterior;
  const deviation = Math.sqrt((alpha * beta) / ((alpha + beta) ** 2 * (alpha + beta + 1)));
  expect(deviation).toBeCloseTo(0.016, 3);
});

test('the order of outcomes does not matter', () => {
  const forwards: Outcome[] = ['recovered', 'worse', 'unchanged', 'recovered'];

  expect(learnAll({ alpha: 2, beta: 3 }, forwards)).toEqual(learnAll({ alpha: 2, beta: 3 }, forwards.toReversed()));
});

test('worse counts against an action as unchanged does, and unknown teaches nothing', () => {
  expect(updatePosterior({ alpha: 1, beta: 1 }, 'worse')).toEqual({ alpha: 1, beta: 2 });
  expect(updatePosterior({ alpha: 1, beta: 1 }, 'unchanged')).toEqual({ alpha: 1, beta: 2 });
  expect(updatePosterior({ alpha: 1, beta: 1 }, 'unknown')).toEqual({ alpha: 1, beta: 1 });
});
