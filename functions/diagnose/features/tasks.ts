import type { Evidence } from '../../../layers/core/evidence.ts';
import { isUnwell } from '../../../layers/core/health.ts';
import type { StoppedTask } from '../../../layers/core/signal.ts';
import { isFailedCheck, isOutOfMemory } from '../../../layers/core/stops.ts';
import { failedTasks, livesOf, median, serviceState } from '../support/facts.ts';
import { defineFeature, shareOf, yesNo } from './feature.ts';

/** Share of the failed tasks of which something holds; undefined where none failed. */
function shareOfFailed(evidence: Evidence, holds: (task: StoppedTask) => boolean): number | undefined {
  const failed = failedTasks(evidence);
  return shareOf(failed.filter(holds).length, failed.length);
}

/** How the tasks of a service are, and how they ended. Undefined for what has no tasks. */
export const tasks = [
  defineFeature({
    name: 'tasks-failed',
    unit: 'count',
    summary: 'Tasks that ended by themselves around or after the onset.',
    of: (evidence) => serviceState(evidence) && failedTasks(evidence).length,
  }),
  defineFeature({
    name: 'tasks-failed-a-task',
    unit: 'ratio',
    summary: 'The same for each task that should run.',
    of: (evidence) => shareOf(failedTasks(evidence).length, serviceState(evidence)?.desired ?? 0),
  }),
  defineFeature({
    name: 'tasks-out-of-memory',
    unit: 'share',
    summary: 'Failed tasks that ran out of memory.',
    of: (evidence) => shareOfFailed(evidence, isOutOfMemory),
  }),
  defineFeature({
    name: 'tasks-not-started',
    unit: 'share',
    summary: 'Failed tasks that never started: image, network, capacity.',
    of: (evidence) => shareOfFailed(evidence, ({ stopCode }) => stopCode === 'TaskFailedToStart'),
  }),
  defineFeature({
    name: 'tasks-failed-check',
    unit: 'share',
    summary: 'Failed tasks that were stopped because they failed health checks.',
    of: (evidence) => shareOfFailed(evidence, isFailedCheck),
  }),
  defineFeature({
    name: 'tasks-of-newest-revision',
    unit: 'share',
    summary: 'Failed tasks that ran the revision the service runs now.',
    of(evidence) {
      const revision = serviceState(evidence)?.revision;
      return shareOfFailed(evidence, (task) => task.revision === revision);
    },
  }),
  defineFeature({
    name: 'tasks-life',
    unit: 's',
    summary: 'Median life of the failed tasks, of those started lately where there are any.',
    of: (evidence) => median(livesOf(failedTasks(evidence), evidence)),
  }),
  defineFeature({
    name: 'tasks-unwell',
    unit: 'share',
    summary: 'Tasks that fail a health check, of those that run.',
    of(evidence) {
      const state = serviceState(evidence);
      return state && shareOf(state.tasks.filter(isUnwell).length, state.tasks.length);
    },
  }),
  defineFeature({
    name: 'one-task-unwell',
    unit: 'yes/no',
    summary: 'Exactly one of several tasks fails its health check.',
    of(evidence) {
      const state = serviceState(evidence);
      return state && yesNo(state.tasks.length > 1 && state.tasks.filter(isUnwell).length === 1);
    },
  }),
  defineFeature({
    name: 'tasks-running',
    unit: 'share',
    summary: 'Tasks that run, of those that should.',
    of(evidence) {
      const state = serviceState(evidence);
      return state && shareOf(state.running, state.desired);
    },
  }),
];
