import type { Incident } from '../../layers/core/incident.ts';
import type { ResourceType } from '../../layers/core/arn.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import { hours, secondsBetween, type Seconds } from '../../layers/core/units.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';

/** The same fault of the same resource that is back so soon was not healed: its symptoms were away. */
const SOON: Seconds = hours(2);

/**
 * What healed the incident that this one reopens is counted as a failure instead, when it was against the same fault as
 * this attempt: a restart that empties a cache which fills again teaches nothing good of restarts.
 * @returns what was taken back, in words
 */
export async function takeBackWhatDidNotLast(
  { reopens, openedAt }: Pick<Incident, 'reopens' | 'openedAt'>,
  { candidate: { fault, resource } }: Pick<Attempt, 'candidate'>,
  resourceType: ResourceType,
  kb: Pick<typeof Kb, 'incidents' | 'knowledge'>,
): Promise<string[]> {
  if (reopens === undefined) return [];
  const before = await kb.incidents.get(reopens);
  const isByAction = before.ending?.kind === 'recovered' && before.ending.by === 'action';
  if (!isByAction || before.closedAt === undefined || secondsBetween(before.closedAt, openedAt) > SOON) return [];
  const healing = (await kb.incidents.attempts(reopens)).find(
    ({ outcome, candidate }) => outcome === 'recovered' && candidate.fault === fault && candidate.resource === resource,
  );
  if (!healing) return [];
  const { attempt, candidate } = healing;
  const lesson = { incidentId: reopens, attempt, fault, resource, resourceType, action: candidate.action };
  const isTaken = await kb.knowledge.takeBack(lesson);
  return isTaken
    ? [`${candidate.action} against ${fault} did not last: incident ${reopens} is counted as a failure of it`]
    : [];
}
