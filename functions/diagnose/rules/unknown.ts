import { defineRule } from '../../../layers/core/rule.ts';

/** What is left for the causes no rule knows. */
const RESERVE = 0.15;

export const rule = defineRule({
  name: 'unknown',
  fault: 'unknown',
  summary: 'Keeps room for a cause that no rule looks for.',
  find: (evidence) => [
    { resource: evidence.resource, weight: RESERVE, because: ['Causes that no rule looks for are always possible.'] },
  ],
});
