import { isUnwell } from '../../../layers/core/health.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { atMost, failedTasks, serviceState } from '../support/facts.ts';

export const rule = defineRule({
  name: 'bad-task',
  fault: 'bad-task',
  summary: 'One task of several is unwell while its peers are well.',
  find(evidence) {
    const state = serviceState(evidence);
    const unwell = state?.tasks.filter(isUnwell) ?? [];
    const [bad] = unwell;
    if (!state || !bad || unwell.length !== 1 || state.tasks.length < 2) return [];
    const failed = failedTasks(evidence).length;
    const because = [
      `Task ${bad.task.split('/').at(-1)} is ${bad.targetHealth ?? bad.health}; the other ${state.tasks.length - 1} are well.`,
    ];
    if (failed > 1) because.push(`Against it: ${failed} other tasks have failed since.`);
    return [{ resource: evidence.resource, weight: atMost(failed > 1 ? 0.25 : 0.7), because }];
  },
});
