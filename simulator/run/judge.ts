import type { Incident } from '../../layers/core/incident.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import { minutes, type Milliseconds, type Seconds } from '../../layers/core/units.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { serviceNamed, type Changed } from '../world/model/fleet.ts';
import type { Injected } from '../world/world.ts';
import type { Account } from './account.ts';
import { ADDS_ONLY, isAbout } from './invariants.ts';

/** An incident with what was done about it. */
export interface Looked {
  readonly incident: Incident;
  readonly attempts: readonly Attempt[];
}

/** A change of Prunella's, judged by the truth. */
export interface Act {
  /** Seconds since the epoch. */
  readonly at: Seconds;
  readonly resource: string;
  readonly operation: string;
  readonly action: string;
  /**
   * `elsewhere`: on what was not the cause. `in-health`: begun while nothing was wrong. `no-help`: on the cause, by an
   * action that cannot heal it. The first two are wrong actions.
   */
  readonly verdict: 'right' | 'no-help' | 'elsewhere' | 'in-health';
}

/** The minute in which a fault ends is still a bad one, and so is what is measured over it. */
const STILL_BAD: Milliseconds = minutes(1) * 1000;

/** The latest incidents, newest first. @param since those opened before are left out */
export async function lookAt(account: Account, since = ''): Promise<Looked[]> {
  return account.within(async () => {
    const recent = (await kb.incidents.listRecent(200)).filter(({ openedAt }) => openedAt >= since);
    return Promise.all(
      recent.map(async (incident) => ({ incident, attempts: await kb.incidents.attempts(incident.incidentId) })),
    );
  });
}

/**
 * Every change of Prunella's that was an act of healing. What it made after the attempt was applied is its undo, or the
 * return of a change that was made for a time: both are due whatever the resource's state.
 */
export function actsOf(account: Account, truth: Injected, all: readonly Looked[]): readonly Act[] {
  const causes = [truth.resource, ...(truth.reaches ?? []), ...parametersOf(account, truth)];
  return account.world.changes().flatMap((change): Act[] => {
    const attempt = attemptOf(change, all);
    if (!attempt || ADDS_ONLY.includes(change.operation)) return [];
    const { resource, operation } = change;
    const { action } = attempt.candidate;
    return [
      { at: change.at / 1000, resource, operation, action, verdict: verdictOf(resource, attempt, truth, causes) },
    ];
  });
}

function verdictOf(
  resource: string,
  { candidate, startedAt }: Attempt,
  { spells, heals }: Injected,
  causes: readonly string[],
): Act['verdict'] {
  const begun = Date.parse(startedAt);
  const isIll = spells.some(
    ({ from, until }) => begun >= Date.parse(from) && (until === undefined || begun <= Date.parse(until) + STILL_BAD),
  );
  if (!isIll) return 'in-health';
  if (!causes.some((cause) => isAbout(cause, resource) || isAbout(resource, cause))) return 'elsewhere';
  return heals.includes(candidate.action) ? 'right' : 'no-help';
}

/** The attempt that was being carried out. */
function attemptOf({ incidentId, at, resource }: Changed, all: readonly Looked[]): Attempt | undefined {
  const attempts = all.find(({ incident }) => incident.incidentId === incidentId)?.attempts ?? [];
  return attempts.find(
    ({ startedAt, appliedAt, endedAt, mutations }) =>
      at >= Date.parse(startedAt) &&
      at <= Date.parse(appliedAt ?? endedAt ?? '9999-01-01T00:00:00.000Z') &&
      mutations.some((mutation) => isAbout(mutation.resource, resource)),
  );
}

function parametersOf({ world: { fleet } }: Account, { target }: Injected): readonly string[] {
  if (!fleet.services.has(target)) return [];
  return serviceNamed(fleet, target).spec.parameters.map(({ name }) => fleet.names.parameter(name));
}
