import { isBad } from '../../../layers/core/criterion.ts';
import { readingOf } from '../../../layers/core/points.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { target } from '../support/facts.ts';
import { foretoldOf } from '../support/foretold.ts';

/** What a process opens and must close again. */
const OPENED = /connection|descriptor|handle|socket|session|thread/i;

export const rule = defineRule({
  name: 'connection-leak',
  fault: 'connection-leak',
  summary: 'Connections, or other things that a process opens, fill up to the limit their owner gave.',
  find(evidence) {
    const foretold = foretoldOf(evidence, OPENED);
    const full = target(evidence).own.flatMap((criterion) => {
      if (!criterion.id.startsWith('limit:') || !OPENED.test(criterion.id)) return [];
      const last = [...readingOf(criterion, evidence.series).values.values()].at(-1);
      if (last === undefined || !isBad(criterion, last)) return [];
      return [`${criterion.id.slice('limit:'.length)} is ${last}, its limit is ${criterion.threshold}.`];
    });
    const because = [...(foretold ? [foretold.summary] : []), ...full];
    return because.length > 0 ? [{ resource: evidence.resource, weight: 0.75, because }] : [];
  },
});
