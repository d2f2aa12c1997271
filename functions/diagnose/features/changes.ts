import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Change } from '../../../layers/core/inventory.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { changesBefore, failedTasks, serviceState, target } from '../support/facts.ts';
import { defineFeature, shareOf, yesNo } from './feature.ts';

const WITHIN = minutes(60);

/** The newest change of these kinds to the resource that brought something new. */
function newest(evidence: Evidence, kinds: readonly Change['kind'][]): Change | undefined {
  return changesBefore(evidence, evidence.resource, WITHIN, kinds).find(
    ({ from, to }) => to !== undefined && from !== undefined && from !== to,
  );
}

const ageOf = (change: Change | undefined, { window }: Evidence): number | undefined =>
  change && secondsBetween(change.at, window.onset);

const DEPLOYED = ['deployment-started', 'code-updated'] as const;

const written = (evidence: Evidence): Change | undefined =>
  target(evidence)
    .parameters.flatMap(({ arn }) => changesBefore(evidence, arn, WITHIN, ['parameter-written']).slice(0, 1))
    .sort((a, b) => (a.at < b.at ? 1 : -1))[0];

/** Tasks that began to run since an instant, of those that run. */
function startedSince(evidence: Evidence, since: string): number | undefined {
  const running = serviceState(evidence)?.tasks ?? [];
  return shareOf(running.filter(({ startedAt = '' }) => startedAt >= since).length, running.length);
}

/** What somebody changed before the onset. Undefined where nothing was changed within the hour. */
export const changes = [
  defineFeature({
    name: 'deployment-age',
    unit: 's',
    summary: 'From the last deployment of a new revision to the onset; negative within the uncertainty of the onset.',
    of: (evidence) => ageOf(newest(evidence, DEPLOYED), evidence),
  }),
  defineFeature({
    name: 'restart-age',
    unit: 's',
    summary: 'From the last deployment of any revision, a restart too, to the onset.',
    of: (evidence) => ageOf(changesBefore(evidence, evidence.resource, WITHIN, DEPLOYED)[0], evidence),
  }),
  defineFeature({
    name: 'tasks-since-deployment',
    unit: 'share',
    summary: 'Running tasks that started after the last deployment of a new revision.',
    of(evidence) {
      const change = newest(evidence, DEPLOYED);
      return change && startedSince(evidence, change.at);
    },
  }),
  defineFeature({
    name: 'deployment-failed',
    unit: 'yes/no',
    summary: 'ECS gave a deployment up, or its tasks do not come to run.',
    of: ({ signals }) =>
      yesNo(
        signals.some(
          (one) => one.kind === 'deployment-failed' || (one.kind === 'deployment-stalled' && one.running < one.desired),
        ),
      ),
  }),
  defineFeature({
    name: 'cannot-place',
    unit: 'yes/no',
    summary: 'ECS says that it cannot place or start tasks.',
    of: ({ signals }) => yesNo(signals.some(({ kind }) => kind === 'service-event')),
  }),
  defineFeature({
    name: 'parameter-age',
    unit: 's',
    summary: 'From the last write of a parameter that the resource reads to the onset.',
    of: (evidence) => ageOf(written(evidence), evidence),
  }),
  defineFeature({
    name: 'tasks-since-parameter',
    unit: 'share',
    summary: 'Tasks that started after that write, of those that run or failed: only they have read it.',
    of(evidence) {
      const change = written(evidence);
      if (!change) return undefined;
      const failed = failedTasks(evidence).some(({ startedAt = '' }) => startedAt >= change.at);
      return Math.max(failed ? 1 : 0, startedSince(evidence, change.at) ?? 0);
    },
  }),
  defineFeature({
    name: 'alias-age',
    unit: 's',
    summary: 'From the last move of the alias to another version to the onset.',
    of: (evidence) => ageOf(newest(evidence, ['alias-moved']), evidence),
  }),
];
