import { pastOf } from '../functions/diagnose/knowledge/past.ts';
import { actions } from '../functions/recover/catalogue.ts';
import { shortName, type Arn } from '../layers/core/arn.ts';
import type { Evidence } from '../layers/core/evidence.ts';
import type { Label, PastIncident, Verdict } from '../layers/core/experience.ts';
import type { Hypothesis } from '../layers/core/diagnosis.ts';
import type { Incident } from '../layers/core/incident.ts';
import { Fault } from '../layers/core/taxonomy.ts';
import * as audit from '../layers/runtime/kb/audit.ts';
import * as incidents from '../layers/runtime/kb/incidents.ts';
import * as knowledge from '../layers/runtime/kb/knowledge.ts';
import { operator } from './answer.ts';
import { UsageError, type Invocation } from './command.ts';
import { incidentArgument } from './commands/explain.ts';

export type Truth = Pick<Label, 'fault' | 'root'>;
type Said = Verdict['said'];

/** An incident that can be judged. */
export interface Judgeable {
  readonly incident: Incident;
  readonly evidence: Evidence;
  /** What Diagnose held most likely. */
  readonly first: Hypothesis;
}

/** The fault given on the command line. @throws UsageError naming those there are */
export function faultNamed(name: unknown): Fault {
  const known = Fault.options.filter((fault) => fault !== 'unknown').join(', ');
  if (typeof name !== 'string') throw new UsageError(`supply --fault, what it was: one of ${known}`);
  const fault = Fault.safeParse(name);
  if (fault.success && fault.data !== 'unknown') return fault.data;
  throw new UsageError(`there is no fault ${name} that it could have been: one of ${known} would be right`);
}

/**
 * Takes what a person says of an incident's diagnosis: into what is known of past incidents, and into the incident's trail.
 * Said again by the same person it changes nothing; said otherwise it is refused.
 * @throws UsageError with what stands in the way
 */
export async function judge(
  invocation: Invocation,
  said: Said,
  truthOf: (judgeable: Judgeable) => Truth | Promise<Truth>,
): Promise<unknown> {
  const incidentId = incidentArgument(invocation);
  await invocation.account();
  const judgeable = await judgeableOf(incidentId);
  const truth = await truthOf(judgeable);
  const past = await pastIncidentOf(judgeable);
  const by = await operator();
  const answer = await knowledge.judgeDiagnosis(past, { said, by, at: new Date().toISOString() }, truth, (kept) =>
    outcomesFor(kept, truth.fault),
  );
  const { verdict } = answer.past;
  if (!verdict || (answer.kind === 'stands' && !isSame(answer.past, said, by, truth)))
    throw new UsageError(standing(answer.past));
  await writeTrail(incidentId, answer.past, verdict);
  invocation.out.line(
    `${said === 'confirmed' ? 'Confirmed' : 'Corrected'}: incident ${incidentId} was ${truth.fault} of ${shortName(truth.root)}. It counts when the next one looks like it.`,
  );
  return { incidentId, said, by: verdict.by, at: verdict.at, ...truth, was: verdict.was };
}

async function judgeableOf(incidentId: string): Promise<Judgeable> {
  const incident = await incidents.get(incidentId);
  if (incident.status !== 'closed')
    throw new UsageError(
      `incident ${incidentId} is still open: judge its diagnosis when it has ended (npx prunella explain ${incidentId} tells how far it is)`,
    );
  if (incident.ending?.kind === 'noise')
    throw new UsageError(`incident ${incidentId} was noise: there is no diagnosis to judge`);
  const [first] = incident.diagnosis?.hypotheses ?? [];
  const evidence = await incidents.evidence(incidentId);
  if (!first || !evidence)
    throw new UsageError(`incident ${incidentId} was not diagnosed: there is nothing to confirm or correct`);
  return { incident, evidence, first };
}

/** As Close keeps it, for an incident that ended before there was a memory, or that was forgotten since. */
async function pastIncidentOf({ incident, evidence }: Judgeable): Promise<PastIncident> {
  const { incidentId, ending, closedAt, foldedInto } = incident;
  const [attempts, into] = await Promise.all([
    incidents.attempts(incidentId),
    foldedInto ? incidents.get(foldedInto) : undefined,
  ]);
  const past =
    ending &&
    pastOf({ incident, ending, evidence, attempts, foldedOn: into?.resource, at: closedAt ?? evidence.takenAt });
  if (past) return past;
  throw new UsageError(`incident ${incidentId} is about ${incident.resource}, of which nothing is learned`);
}

/** Outcomes of attempts that were counted for another fault than it was. */
function outcomesFor({ tried }: PastIncident, fault: Fault): knowledge.Moved[] {
  return tried.flatMap(({ action, fault: from, on, outcome }) => {
    if (from === fault || outcome === 'unknown') return [];
    const heals = actions[action]?.heals.find((one) => one.resource === on && one.faults.includes(fault));
    const prior = heals ? (heals.prior ?? { alpha: 1, beta: 1 }) : undefined;
    return [{ from, to: fault, resourceType: on, action, outcome, prior }];
  });
}

const isSame = ({ label, verdict }: PastIncident, said: Said, by: string, { fault, root }: Truth): boolean =>
  verdict?.said === said && verdict.by === by && label.fault === fault && label.root === root;

const standing = ({ incidentId, label, verdict }: PastIncident): string =>
  `incident ${incidentId} was ${verdict?.said ?? 'judged'} as ${label.fault} of ${shortName(label.root)} by ${verdict?.by ?? 'someone'} at ${verdict?.at ?? 'another time'} already: that stands`;

/** Once, whoever repeats it: the event's name is the same. */
async function writeTrail(incidentId: string, { label }: PastIncident, verdict: Verdict): Promise<void> {
  const { said, by, at, was } = verdict;
  await audit.append({
    incidentId,
    eventId: 'Person#diagnosis',
    at,
    state: 'Person',
    attempt: 0,
    verdict: said,
    why: [
      said === 'confirmed'
        ? `${by} confirms that it was ${label.fault} of ${shortName(label.root)}`
        : `${by} corrects that it was ${label.fault} of ${shortName(label.root)}, not ${was.fault} of ${shortName(was.root)}`,
    ],
    saw: { judged: { said, by, fault: label.fault, root: label.root } },
  });
}

/** The resource given on the command line, if one was. @throws UsageError when nothing is known of it */
export async function rootNamed(name: unknown, { evidence, first }: Judgeable): Promise<Arn> {
  if (typeof name !== 'string') return first.resource;
  const isKnown = evidence.resources.some(({ arn }) => arn === name) || (await knowledge.resource(name)) !== undefined;
  if (isKnown) return name;
  throw new UsageError(
    `${name} is neither in the inventory nor in the incident's evidence: supply one of ${evidence.resources.map(({ arn }) => arn).join(', ')}, or tag it prunella:mode and discover again`,
  );
}
