import { defineRule } from '../../../layers/core/rule.ts';
import { isFailedCheck, isOutOfMemory } from '../../../layers/core/stops.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, failedTasks, livesOf, median, newTrouble, spoken } from '../support/facts.ts';
import { logged } from '../support/said.ts';

export const rule = defineRule({
  name: 'crash-loop',
  fault: 'crash-loop',
  summary: 'Tasks keep exiting by themselves, soon after they started.',
  find(evidence) {
    const crashed = failedTasks(evidence).filter(
      (task) => !isOutOfMemory(task) && !isFailedCheck(task) && task.stopCode !== 'TaskFailedToStart',
    );
    if (crashed.length < 2) return [];
    const half = median(livesOf(crashed, evidence));
    const short = half !== undefined && half < minutes(5);
    const codes = [...new Set(crashed.map(({ exitCode }) => exitCode ?? 'none'))].join(', ');
    const because = [
      `${crashed.length} tasks ended by themselves (exit code ${codes})` +
        (half === undefined ? '.' : `, half of them within ${spoken(half)} of their start.`),
    ];
    const trouble = newTrouble(evidence)[0];
    if (trouble) because.push(`${logged(trouble)}.`);
    const weight = (short ? 0.5 : 0.3) + 0.05 * Math.min(4, crashed.length - 2);
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
