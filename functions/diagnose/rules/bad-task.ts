import type { Evidence, ServiceState } from '../../../layers/core/evidence.ts';
import { isUnwell } from '../../../layers/core/health.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { changed } from '../features/answers.ts';
import { atMost, failedTasks, newTrouble, round, serviceState } from '../support/facts.ts';

/** Errors of a machine, not of a program: POSIX's EIO and EROFS, and what kernels and drivers say of disks and memory. */
const SPEAKS_OF_ITS_HOST =
  /\bEIO\b|\bi\/o error|input\/output error|\bEROFS\b|read-only file system|disk error|hardware/i;
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
  const trouble = newTrouble(evidence);
  const telling = trouble.find(({ template }) => SPEAKS_OF_ITS_HOST.test(template));
  const lines = trouble.reduce((sum, { after }) => sum + after, 0);
  const answered = changed(evidence, ['availability']);
  if (!telling || telling.after < MOST * lines || !answered || failed > 1 || state.tasks.some(isUnwell)) return [];
  const failing = 100 - answered.now;
  if (failing <= 0 || failing > (100 / state.tasks.length) * UNEVEN) return [];
  const because = [
    `"${telling.template}" was logged ${telling.after} times since the onset, ${telling.before} times before: a machine's trouble, not a program's.`,
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
