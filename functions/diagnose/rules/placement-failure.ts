import { defineRule } from '../../../layers/core/rule.ts';
import { atMost, failedTasks } from '../support/facts.ts';

export const rule = defineRule({
  name: 'placement-failure',
  fault: 'placement-failure',
  summary: 'Tasks cannot be placed or cannot start: image, network, capacity.',
  find(evidence) {
    const unstarted = failedTasks(evidence).filter(({ stopCode }) => stopCode === 'TaskFailedToStart');
    const said = evidence.signals.filter(({ kind }) => kind === 'service-event');
    if (unstarted.length === 0 && said.length === 0) return [];
    const because = [
      ...(unstarted.length > 0
        ? [`${unstarted.length} tasks could not start: ${unstarted.at(-1)?.reason ?? 'no reason given'}.`]
        : []),
      ...said.slice(-1).map(({ summary }) => `ECS says: ${summary}`),
    ];
    return [{ resource: evidence.resource, weight: atMost(0.55 + 0.1 * Math.min(3, unstarted.length)), because }];
  },
});
