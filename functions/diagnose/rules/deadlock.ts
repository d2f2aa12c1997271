import { isUnwell } from '../../../layers/core/health.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { failingProbes } from '../../../layers/core/signal.ts';
import { isFailedCheck } from '../../../layers/core/stops.ts';
import { addSeconds, minutes } from '../../../layers/core/units.ts';
import { atMost, changesBefore, failedTasks, load, serviceState, target } from '../support/facts.ts';

export const rule = defineRule({
  name: 'deadlock',
  fault: 'deadlock',
  summary: 'Tasks run and answer nothing, without a change and without more load.',
  find(evidence) {
    const state = serviceState(evidence);
    const failed = failedTasks(evidence);
    const killed = failed.filter(isFailedCheck).length;
    if (!state || state.running === 0 || failed.length - killed > 1) return [];
    const unwell = state.tasks.filter(isUnwell).length;
    const starting = state.tasks.filter((task) => task.targetHealth === 'initial' && !isUnwell(task)).length;
    const unanswered = failingProbes(evidence.signals).find(({ failure }) => failure === 'silent');
    const silent = (unwell > 0 && unwell + starting === state.tasks.length) || unanswered !== undefined;
    const since = addSeconds(evidence.window.onset, -minutes(15));
    const changed = target(evidence)
      .parameters.map(({ arn }) => arn)
      .concat(evidence.resource)
      .some((arn) =>
        changesBefore(evidence, arn, minutes(15), [
          'deployment-started',
          'parameter-written',
          'configuration-updated',
        ]).some(({ at }) => at >= since),
      );
    const more = (load(evidence)?.ratio ?? 1) >= 1.4;
    if (!silent) return [];
    const because = [
      unanswered
        ? `${state.running} of ${state.desired} tasks run. ${unanswered.summary}`
        : `${state.tasks.length} tasks run and none answers its health check.`,
      ...(killed > 0 ? [`ECS stopped ${killed} that did not answer theirs.`] : []),
    ];
    if (changed) because.push('Against it: something was changed shortly before.');
    if (more) because.push('Against it: requests grew at the onset.');
    return [{ resource: evidence.resource, weight: atMost(0.6 - (changed ? 0.25 : 0) - (more ? 0.25 : 0)), because }];
  },
});
