import type { AuditEntry } from '../../layers/core/audit.ts';
import { shortName } from '../../layers/core/arn.ts';
import { IncidentId, type Incident, type SharedCause } from '../../layers/core/incident.ts';
import { likenessLines } from '../../layers/core/experience.ts';
import { impactLines } from '../../layers/core/impact.ts';
import { storyOf, type Story } from '../../layers/core/story.ts';
import { percent, secondsBetween } from '../../layers/core/units.ts';
import { NotFound } from '../../layers/runtime/database.ts';
import * as audit from '../../layers/runtime/kb/audit.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import { onlyArgument, UsageError, type Command, type Invocation, type Output } from '../command.ts';
import { counted, humanSeconds } from '../output.ts';
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

/** Tells an incident from its audit trail; its record only fills in what the trail does not hold (yet). */
export function tell(
  incidentId: string,
  trail: readonly AuditEntry[],
  record: Incident | undefined,
  out: Output,
): Story {
  const story = storyOf(trail);
  const { resource, openedAt, mode, reopens, predicted } = story.about ?? record ?? {};
  const ending = story.ending ?? record?.ending;
  const from = openedAt ?? trail[0]?.at ?? '';
  out.line(`Incident ${incidentId}: ${endingText(ending)}`);
  if (resource) out.line(`${shortName(resource)}  (${resource})`);
  out.line(
    `opened ${from}, trouble since ${story.since ?? record?.onset ?? 'unknown'}, mode ${mode ?? 'unknown'}, severity ${story.severity ?? record?.severity ?? 'unknown'}`,
  );
  if (predicted) out.line('It was foretold: nothing had happened yet when it opened.');
  if (reopens) out.line(`The fault came back: incident ${reopens} was closed before.`);
  for (const entry of trail) for (const line of entryLines(entry, from)) out.line(line);
  out.line();
  summarise(story, out);
  if (story.shared) out.line(sharedLine(story.shared, incidentId));
  if (ending) out.line(`${endingText(ending)}. ${ending.why}`);
  return story;
}

/** What a reader wants to know first, at the end, where a terminal shows it. */
function summarise({ cause, judged, impact, likeness, attempts, stillChanged, ending }: Story, out: Output): void {
  if (cause) out.line(`Cause: ${cause.fault} (confidence ${percent(cause.confidence)})`);
  if (judged)
    out.line(
      judged.said === 'confirmed'
        ? `Confirmed by ${judged.by}`
        : `Corrected by ${judged.by}: it was ${judged.fault} of ${shortName(judged.root)}`,
    );
  if (impact) for (const line of impactLines(impact)) out.line(`Impact: ${line}`);
  if (likeness) for (const line of likenessLines(likeness)) out.line(line);
  for (const { attempt, action, outcome } of attempts) out.line(`Attempt ${attempt}: ${action}, ${outcome}`);
  for (const { field, resource, was, becomes, state } of stillChanged)
    out.line(
      `Still changed: ${field} of ${resource}, was ${String(was)}, ${state === 'applied' ? 'is' : state} ${String(becomes)}`,
    );
  if (ending && stillChanged.length === 0) out.line('Still changed: nothing');
}

/** What it shares with others, and where a person was told of it. */
function sharedLine({ what, with: others, toldIn }: SharedCause, incidentId: string): string {
  const told = toldIn === incidentId ? 'here' : `in incident ${toldIn}`;
  return `Shared cause: ${what}, with ${others.join(', ')}. A person was told ${told}, once for all.`;
}

async function recordOf(incidentId: IncidentId): Promise<Incident | undefined> {
  try {
    return await incidents.get(incidentId);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

export const command: Command = {
  usage: 'explain <incident id>',
  summary: 'the whole story of an incident, from its audit trail',
  async run(invocation) {
    const incidentId = incidentArgument(invocation);
    const { account, out } = invocation;
    await account();
    const [incident, { entries: trail, broken }] = await Promise.all([
      recordOf(incidentId),
      audit.verified(incidentId),
    ]);
    if (!incident && trail.length === 0) await incidents.get(incidentId); // says that there is none
    const [attempts, parked, joined] = await Promise.all([
      incidents.attempts(incidentId),
      incidents.parked(incidentId),
      incidents.joinedTelling(incidentId),
    ]);

    const story = tell(incidentId, trail, incident, out);
    for (const one of joined)
      out.line(`Joined at ${one.at}: ${shortName(one.resource)} (incident ${one.incidentId}), by ${one.what}`);
    if (parked.length > 0) out.line(stormLine(parked));
    out.line(
      broken
        ? `THE AUDIT TRAIL IS BROKEN: ${broken}`
        : `Audit trail: ${trail.length} entries, each linked to the one before.`,
    );
    return { incident, story, trail, attempts, parked, joined, chain: broken ?? 'whole' };
  },
};

function stormLine(parked: readonly incidents.Parked[]): string {
  const well = parked.filter(({ became }) => became === 'well').length;
  const waiting = parked.filter(({ became }) => became === undefined).length;
  const taken = parked.length - well - waiting;
  return `Storm: ${counted(parked.length, 'further resource')} waited with it: ${well} got well, ${taken} taken up, ${waiting} waiting`;
}
