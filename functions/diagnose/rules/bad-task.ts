import type { Evidence, ServiceState } from '../../../layers/core/evidence.ts';
import { isUnwell } from '../../../layers/core/health.ts';
import { SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { changed } from '../features/answers.ts';
import { atMost, failedTasks, round, serviceState } from '../support/facts.ts';
import { logged, says, telling } from '../support/said.ts';

/** Most of what is new in the log. */
const MOST = 0.5;
/** Load balancers share requests out evenly, but for chance. */
const UNEVEN = 1.3;

/** One of its tasks fails its health check. */
function unhealthy(state: ServiceState, failed: number): Omit<Finding, 'resource'>[] {
  const unwell = state.tasks.filter(isUnwell);
  const [bad] = unwell;
  if (!bad || unwell.length !== 1) return [];
  const because = [
    `Task ${bad.task.split('/').at(-1)} is ${bad.targetHealth ?? bad.health}; the other ${state.tasks.length - 1} are well.`,
  ];
  if (failed > 1) because.push(`Against it: ${failed} other tasks have failed since.`);
  return [{ weight: atMost(failed > 1 ? 0.25 : 0.7), because }];
}

/** All pass their health checks, but no more fails than one task's share, and what is logged is a machine's trouble. */
function grey(evidence: Evidence, state: ServiceState, failed: number): Omit<Finding, 'resource'>[] {
  const told = telling(evidence, (one) => says(one, SPEAKS_OF.host));
  const answered = changed(evidence, ['availability']);
  if (!told || told.share < MOST || !answered || failed > 1 || state.tasks.some(isUnwell)) return [];
  const failing = 100 - answered.now;
  if (failing <= 0 || failing > (100 / state.tasks.length) * UNEVEN) return [];
  const because = [
    `${logged(told.first)}: a machine's trouble, not a program's.`,
    `${round(failing)} % of the requests fail, no more than one of ${state.tasks.length} tasks answers.`,
  ];
  return [{ weight: 0.5, because }];
}

export const rule = defineRule({
  name: 'bad-task',
  fault: 'bad-task',
  summary: 'One task of several is unwell, or has trouble with its host, while its peers are well.',
  find(evidence) {
    const state = serviceState(evidence);
    if (!state || state.tasks.length < 2) return [];
    const failed = failedTasks(evidence).length;
    const [found] = [...unhealthy(state, failed), ...grey(evidence, state, failed)];
    return found ? [{ resource: evidence.resource, ...found }] : [];
  },
});
