import { AuditEntry } from '../../../layers/core/audit.ts';
import * as incidents from '../../../layers/runtime/kb/incidents.ts';
import * as audit from '../../../layers/runtime/kb/audit.ts';
import { hasEnded, type IncidentRecord } from './record.ts';

/** More than all scenarios together open. */
const AT_MOST = 300;

/** Reads what Prunella wrote down, and remembers it: what is closed does not change any more. */
export class Records {
  readonly #closed = new Map<string, IncidentRecord>();
  #all: readonly IncidentRecord[] = [];

  /** The incidents of a fleet as of the last `refresh`, the oldest first. */
  ofFleet(fleet: string): readonly IncidentRecord[] {
    return this.#all.filter(({ incident }) => incident.fleet === fleet);
  }

  async refresh(): Promise<void> {
    const recent = await incidents.listRecent(AT_MOST);
    const records = await Promise.all(recent.map(({ incidentId }) => this.#closed.get(incidentId) ?? read(incidentId)));
    for (const record of records) {
      if (hasEnded(record)) this.#closed.set(record.incident.incidentId, record);
    }
    this.#all = records.sort((a, b) => (a.incident.openedAt < b.incident.openedAt ? -1 : 1));
  }
}

async function read(incidentId: string): Promise<IncidentRecord> {
  // The index names incidents up to a second late; the record itself is read consistently.
  const [incident, attempts, entries] = await Promise.all([
    incidents.get(incidentId),
    incidents.attempts(incidentId),
    audit.trail(incidentId),
  ]);
  // What a state answered is kept beside its entry and is no part of the chain.
  return { incident, attempts, audit: entries.map((entry) => AuditEntry.parse(entry)) };
}
