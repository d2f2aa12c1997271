import type { AuditEntry } from '../../../layers/core/audit.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Attempt } from '../../../layers/core/plan.ts';

/** Everything Prunella wrote down about one incident. */
export interface IncidentRecord {
  readonly incident: Incident;
  readonly attempts: readonly Attempt[];
  readonly audit: readonly AuditEntry[];
}

/** Mutations an incident made and did not take back. */
export const standing = ({ attempts }: IncidentRecord) =>
  attempts.flatMap(({ mutations }) => mutations.filter(({ state }) => state === 'applied' || state === 'undo-failed'));

/** True when it is closed and its audit trail says so: the last entry is written after the incident. */
export const hasEnded = ({ incident, audit }: IncidentRecord): boolean =>
  incident.status === 'closed' && audit.some(({ state }) => state === 'Close');

/** When the first change was made, if any was. */
export const actedAt = ({ attempts }: IncidentRecord): string | undefined =>
  attempts.flatMap(({ appliedAt, mutations }) => appliedAt ?? mutations.map(({ at }) => at)).sort()[0];

/** When it was known to be well again. */
export const healedAt = ({ incident }: IncidentRecord): string | undefined =>
  incident.ending?.kind === 'recovered' ? incident.closedAt : undefined;

/** The fault named first. */
export const faultOf = ({ incident }: IncidentRecord) => incident.diagnosis?.hypotheses[0]?.fault;

/** Attempts that changed something, whatever became of it. */
export const actionsOf = ({ attempts }: IncidentRecord): readonly string[] =>
  attempts.filter(({ mutations }) => mutations.length > 0).map(({ candidate }) => candidate.action);

/** What was acted on. */
export const targetsOf = ({ attempts }: IncidentRecord): readonly string[] => [
  ...new Set(attempts.filter(({ mutations }) => mutations.length > 0).map(({ candidate }) => candidate.resource)),
];

/** The ending in few words, e.g. `recovered by action`. */
export function verdictOf({ incident: { ending, status } }: IncidentRecord): string {
  if (!ending) return status;
  if (ending.kind === 'recovered') return `recovered by ${ending.by}`;
  return ending.kind === 'noise' ? 'noise' : `${ending.kind}: ${ending.because}`;
}
