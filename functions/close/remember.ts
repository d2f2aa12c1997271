import type { PastIncident, Pattern } from '../../layers/core/experience.ts';
import type { Ending } from '../../layers/core/incident.ts';
import { redact } from '../../layers/core/redact.ts';
import { MOST_PAST } from '../../layers/runtime/kb/experience.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { pastOf } from '../diagnose/knowledge/past.ts';
import { patternsOf, surplus } from '../diagnose/knowledge/patterns.ts';

/**
 * Keeps what an incident that has ended looked like, what it was and what healed it, for those to come; says so, and when it
 * was not the first of its kind. The incident is closed already: what fails here costs a memory, not an ending.
 */
export async function remember(context: StepContext, ending: Ending): Promise<string[]> {
  try {
    const past = await pastIncidentOf(context, ending);
    if (!past) return [];
    const { knowledge } = context.kb;
    await knowledge.rememberIncident(past);
    const all = await knowledge.pastIncidents(past.resourceType);
    const gone = surplus(all, MOST_PAST);
    if (gone.length > 0) await knowledge.forgetIncidents(gone);
    return [`remembered as ${past.label.fault}`, ...recurring(past, patternsOf(all))];
  } catch (error) {
    return [`it could not be remembered for later: ${redact(String(error))}`];
  }
}

async function pastIncidentOf({ incident, kb, now }: StepContext, ending: Ending): Promise<PastIncident | undefined> {
  if (ending.kind === 'noise' || !incident.diagnosis) return undefined;
  const [evidence, attempts, into] = await Promise.all([
    kb.incidents.evidence(incident.incidentId),
    kb.incidents.attempts(incident.incidentId),
    incident.foldedInto ? kb.incidents.get(incident.foldedInto) : undefined,
  ]);
  return evidence && pastOf({ incident, ending, evidence, attempts, foldedOn: into?.resource, at: now() });
}

function recurring({ incidentId }: PastIncident, patterns: readonly Pattern[]): string[] {
  const own = patterns.find(({ incidents }) => incidents.includes(incidentId));
  return own ? [`the same trouble, ${own.times} times so far: ${own.name}`] : [];
}
