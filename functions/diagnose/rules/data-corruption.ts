import { defineRule } from '../../../layers/core/rule.ts';
import { percent } from '../../../layers/core/units.ts';
import { atMost, failedTasks, newTrouble, serviceState } from '../support/facts.ts';
import { blamed } from '../support/callees.ts';

/** Share of the new troubled lines. */
const MOST = 0.5;

export const rule = defineRule({
  name: 'data-corruption',
  fault: 'data-corruption',
  summary: 'Tasks run, and most of what they newly log speaks of data that cannot be read.',
  find(evidence) {
    const trouble = newTrouble(evidence);
    const lines = trouble.reduce((sum, { after }) => sum + after, 0);
    const ofData = trouble.filter(({ category }) => category === 'data');
    const share = ofData.reduce((sum, { after }) => sum + after, 0) / Math.max(1, lines);
    const [first] = ofData;
    if (!first || share < MOST || serviceState(evidence)?.running === 0 || failedTasks(evidence).length > 1) return [];
    const because = [
      `${percent(share)} of its new log lines speak of data: "${first.template}" (${first.after} times since, ${first.before} before).`,
    ];
    return [{ resource: evidence.resource, weight: atMost(blamed(evidence) ? 0.2 : 0.5), because }];
  },
});
