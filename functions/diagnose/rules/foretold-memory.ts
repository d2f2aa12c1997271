import { defineRule } from '../../../layers/core/rule.ts';
import { foretoldOf } from '../support/foretold.ts';

export const rule = defineRule({
  name: 'foretold-memory',
  fault: 'memory-leak',
  summary: 'A forecast says when the memory will be used up.',
  find(evidence) {
    const foretold = foretoldOf(evidence, /memory/i);
    return foretold ? [{ resource: evidence.resource, weight: 0.5, because: [foretold.summary] }] : [];
  },
});
