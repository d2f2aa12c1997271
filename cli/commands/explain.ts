import { findBreak, type AuditEntry } from '../../layers/core/audit.ts';
import { shortName } from '../../layers/core/arn.ts';
import { IncidentId } from '../../layers/core/incident.ts';
import { secondsBetween } from '../../layers/core/units.ts';
import * as audit from '../../layers/runtime/kb/audit.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import { onlyArgument, UsageError, type Command, type Invocation } from '../command.ts';
import { humanSeconds } from '../output.ts';
import { endingText } from './incidents.ts';

/** The incident id given as the argument. @throws UsageError when it is none. */
export function incidentArgument(invocation: Invocation): IncidentId {
  const parsed = IncidentId.safeParse(onlyArgument(invocation, 'an incident id (see `npx prunella incidents`)'));
  if (!parsed.success) throw new UsageError(`${parsed.error.issues[0]?.message}, got ${invocation.args[0]}`);
  return parsed.data;
}

function entryLines(entry: AuditEntry, openedAt: string): string[] {
  const since = `+${humanSeconds(Math.max(0, secondsBetween(openedAt, entry.at)))}`;
  const attempt = entry.attempt > 0 ? ` (attempt ${entry.attempt})` : '';
  return [
    '',
    `${since.padEnd(12)}${entry.state}${attempt}: ${entry.verdict}`,
    ...entry.why.map((sentence) => `${' '.repeat(12)}${sentence}`),
  ];
}

export const command: Command = {
  usage: 'explain <incident id>',
  summary: 'the whole story of an incident, from its audit trail',
  async run(invocation) {
    const incidentId = incidentArgument(invocation);
    const { account, out } = invocation;
    await account();
    const incident = await incidents.get(incidentId);
    const trail = await audit.trail(incidentId);
    const attempts = await incidents.attempts(incidentId);
    const broken = findBreak(trail);

    out.line(`Incident ${incidentId}: ${endingText(incident.ending)}`);
    out.line(`${shortName(incident.resource)}  (${incident.resource})`);
    out.line(
      `opened ${incident.openedAt}, trouble since ${incident.onset}, mode ${incident.mode}, severity ${incident.severity}`,
    );
    if (incident.reopens) out.line(`The fault came back: incident ${incident.reopens} was closed before.`);
    for (const entry of trail) for (const line of entryLines(entry, incident.openedAt)) out.line(line);
    out.line();
    if (incident.ending) out.line(`${endingText(incident.ending)}. ${incident.ending.why}`);
    out.line(
      broken
        ? `THE AUDIT TRAIL IS BROKEN: ${broken}`
        : `Audit trail: ${trail.length} entries, each linked to the one before.`,
    );
    return { incident, trail, attempts, chain: broken ?? 'whole' };
  },
};
