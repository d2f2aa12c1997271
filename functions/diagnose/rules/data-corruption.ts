import { defineRule } from '../../../layers/core/rule.ts';
import { percent } from '../../../layers/core/units.ts';
import { atMost, failedTasks, serviceState } from '../support/facts.ts';
import { blamed } from '../support/callees.ts';
import { telling } from '../support/said.ts';

/** Share of the new troubled lines. */
const MOST = 0.5;

export const rule = defineRule({
  name: 'data-corruption',
  fault: 'data-corruption',
  summary: 'Tasks run, and most of what they newly log speaks of data that cannot be read.',
  find(evidence) {
    const told = telling(evidence, ({ category }) => category === 'data');
    if (!told || told.share < MOST || serviceState(evidence)?.running === 0 || failedTasks(evidence).length > 1)
      return [];
    const { first, share } = told;
    const because = [
      `${percent(share)} of its new log lines speak of data: "${first.template}" (${first.after} times since, ${first.before} before).`,
    ];
    return [{ resource: evidence.resource, weight: atMost(blamed(evidence) ? 0.2 : 0.5), because }];
  },
});
