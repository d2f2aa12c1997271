import { anyOf, SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, changesBefore, failedTasks, load, newTrouble, serviceState } from '../support/facts.ts';
import { logged, says } from '../support/said.ts';

const EITHER = anyOf(SPEAKS_OF.stale, SPEAKS_OF.unreached);

export const rule = defineRule({
  name: 'stale-connection',
  fault: 'stale-connection',
  summary: 'Tasks run, and their log says that connections or credentials no longer work.',
  find(evidence) {
    const state = serviceState(evidence);
    const told = newTrouble(evidence).find((one) => says(one, EITHER));
    if (!state || !told || state.running === 0 || failedTasks(evidence).length > 1) return [];
    const changed =
      changesBefore(evidence, evidence.resource, minutes(15), ['deployment-started', 'configuration-updated']).length >
      0;
    const more = (load(evidence)?.ratio ?? 1) >= 1.4;
    const isBroken = says(told, SPEAKS_OF.stale);
    const because = [
      `${logged(told)}, while ${state.running} of ${state.desired} tasks run.`,
      ...(isBroken ? [] : ['Against it: what cannot be reached may as well be down.']),
      ...(changed ? ['Against it: it was deployed or configured shortly before.'] : []),
    ];
    return [
      {
        resource: evidence.resource,
        weight: atMost((isBroken ? 0.4 : 0.25) - (changed ? 0.2 : 0) - (more ? 0.2 : 0)),
        because,
      },
    ];
  },
});
