import { defineRule } from '../../../layers/core/rule.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, changesBefore, failedTasks, load, newTrouble, serviceState } from '../support/facts.ts';

/** A token alone may be one of a parser, which finds it "unexpected" in odd input. */
const SPEAKS_OF_CONNECTIONS =
  /ECONNRESET|EPIPE|socket hang up|connection (?:reset|closed|refused|terminated|lost)|expired|credential|(?:security|access|refresh|session|bearer|auth\w*|id|invalid) ?token|token (?:is|was|has)|stale|broken pipe|ETIMEDOUT/i;

export const rule = defineRule({
  name: 'stale-connection',
  fault: 'stale-connection',
  summary: 'Tasks run, and their log says that connections or credentials no longer work.',
  find(evidence) {
    const state = serviceState(evidence);
    const telling = newTrouble(evidence).find(({ template }) => SPEAKS_OF_CONNECTIONS.test(template));
    if (!state || !telling || state.running === 0 || failedTasks(evidence).length > 1) return [];
    const changed =
      changesBefore(evidence, evidence.resource, minutes(15), ['deployment-started', 'configuration-updated']).length >
      0;
    const more = (load(evidence)?.ratio ?? 1) >= 1.4;
    const because = [
      `"${telling.template}" was logged ${telling.after} times since the onset, ${telling.before} times before, while ${state.running} of ${state.desired} tasks run.`,
      ...(changed ? ['Against it: it was deployed or configured shortly before.'] : []),
    ];
    return [{ resource: evidence.resource, weight: atMost(0.4 - (changed ? 0.2 : 0) - (more ? 0.2 : 0)), because }];
  },
});
