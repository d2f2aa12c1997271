import type { Aws } from '../../../layers/core/aws.ts';
import type { ServiceState } from '../../../layers/core/evidence.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';
import type { StoppedTask } from '../../../layers/core/signal.ts';
import { deploymentsOf, limitsOf, lookAtService, type PastDeployment } from '../../../layers/runtime/observe/ecs.ts';

export interface ServiceEvidence {
  readonly state?: ServiceState;
  readonly stopped: readonly StoppedTask[];
  /** Changes that ECS itself remembers, beside those that were recorded as they arrived. */
  readonly changes: readonly Change[];
  readonly gaps: readonly string[];
}

/** An ECS service with its limits, its tasks that ended, and the revisions that were seen steady. Never throws. */
export async function collectService(
  { arn }: Resource,
  recorded: readonly Change[],
  aws: Aws,
): Promise<ServiceEvidence> {
  try {
    const look = await lookAtService(arn, aws);
    const [limits, past] = await Promise.all([
      attempt('task definition', () => limitsOf(look.state.revision, aws)),
      attempt('deployments', () => deploymentsOf(arn, aws)),
    ]);
    const deployments = past.value ?? [];
    const state = { ...look.state, ...limits.value, steadyRevisions: steadyRevisions(recorded, deployments) };
    return {
      state,
      stopped: look.stopped,
      changes: deployments.flatMap((one, index) => changesOf(arn, one, deployments[index + 1])),
      gaps: [...look.gaps, ...[limits, past].flatMap(({ gap }) => (gap ? [`${gap} (${arn})`] : []))],
    };
  } catch (error) {
    return { stopped: [], changes: [], gaps: [`${arn} could not be read: ${String(error)}`] };
  }
}

async function attempt<T>(what: string, read: () => Promise<T>): Promise<{ value?: T; gap?: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    return { gap: `${what} could not be read: ${String(error)}` };
  }
}

/** Revisions whose deployment came to rest, the last to do so first: from the recorded changes and from ECS's own memory. */
export function steadyRevisions(recorded: readonly Change[], past: readonly PastDeployment[]): string[] {
  const seen = [
    ...recorded.flatMap(({ kind, to, at }) => (kind === 'deployment-completed' && to ? [{ revision: to, at }] : [])),
    ...past.flatMap(({ revision, status, finishedAt }) =>
      status === 'SUCCESSFUL' && finishedAt ? [{ revision, at: finishedAt }] : [],
    ),
  ];
  return [...new Set(seen.sort((a, b) => (a.at < b.at ? 1 : -1)).map(({ revision }) => revision))];
}

function changesOf(
  resource: string,
  { revision, startedAt, finishedAt, status }: PastDeployment,
  before: PastDeployment | undefined,
): Change[] {
  const about = { resource, to: revision, ...(before ? { from: before.revision } : {}) };
  const started: Change = {
    ...about,
    kind: 'deployment-started',
    at: startedAt,
    eventId: `ecs:${resource}:${startedAt}:started`,
  };
  if (!finishedAt || (status !== 'SUCCESSFUL' && !status.startsWith('ROLLBACK'))) return [started];
  const kind = status === 'SUCCESSFUL' ? 'deployment-completed' : 'deployment-failed';
  return [started, { ...about, kind, at: finishedAt, eventId: `ecs:${resource}:${finishedAt}:ended` }];
}
