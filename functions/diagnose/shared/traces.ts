import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Change } from '../../../layers/core/inventory.ts';
import type { Sharer, Trace } from '../../../layers/core/common-cause.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { minutes, type Ratio } from '../../../layers/core/units.ts';
import { callees } from '../support/callees.ts';
import { changesBefore, failedTasks, newTrouble, serviceState, slack, target } from '../support/facts.ts';
import { issuesOf } from '../support/issues.ts';
import { linesOf } from '../support/said.ts';
import { outsideHost } from './outside-host.ts';

/** What an incident shows of a cause outside the dependency graph (layers/core/common-cause.ts). Pure. */

/**
 * The chance that an unrelated incident of the same account shows the same, before its incidents are counted. Of a host that a
 * log names: hardly ever. An issue of a whole service is near whatever else happens to that service.
 */
const BY_CHANCE = { host: 0.01, message: 0.1, named: 0.02, service: 0.05 } as const;

/** A kind of line that is less of the new trouble says little of its cause. */
const MUCH: Ratio = 0.2;
/** Traces of each kind at most. */
const MOST = 2;
/** As long as an item of the table stays small. */
const LONGEST = 160;

export function tracesOf(evidence: Evidence): Trace[] {
  return [...ofLogs(evidence), ...ofNotices(evidence), ...ofZone(evidence)];
}

/** What its log says of others, but for what it calls and that is watched: of these the graph knows. */
function ofLogs(evidence: Evidence): Trace[] {
  const trouble = newTrouble(evidence);
  const watched = new Set(callees(evidence).flatMap(({ named }) => named));
  const lines = linesOf(trouble);
  const telling = trouble
    .filter((one) => !watched.has(one) && one.after >= MUCH * lines && speaksOfOthers(one))
    .slice(0, MOST);
  const hosts = [...new Set(telling.flatMap(({ example }) => outsideHost(example) ?? []))];
  return [
    ...hosts.map((name): Trace => ({ kind: 'host', name, chance: BY_CHANCE.host })),
    ...telling.map(({ template }): Trace => ({
      kind: 'message',
      name: template.replace(AROUND, '').slice(0, LONGEST),
      chance: BY_CHANCE.message,
    })),
  ];
}

/** What the program around it says before the error's own message: other words in each. */
const AROUND = /^.*\b\w*(?:Error|Exception|Failed|Failure|Timeout): /;

/** A program's own errors are written alike by programs that have nothing to do with each other. */
const speaksOfOthers = ({ category, template }: LogTemplate): boolean =>
  category === 'dependency' || category === 'infrastructure' || /certificate/i.test(template);

const ofNotices = (evidence: Evidence): Trace[] =>
  issuesOf(evidence)
    .map(({ notice, isNamed }): Trace => ({
      kind: 'notice',
      name: notice.eventArn,
      chance: BY_CHANCE[isNamed ? 'named' : 'service'],
    }))
    .slice(0, MOST);

/** All its failed tasks were in one of its zones; the more there were, the less that is chance. */
function ofZone(evidence: Evidence): Trace[] {
  const failed = failedTasks(evidence);
  const [zone] = failed.flatMap((task) => task.zone ?? []);
  if (!zone || !failed.every((task) => task.zone === zone)) return [];
  const tasks = [...(serviceState(evidence)?.tasks ?? []), ...failed];
  const share = tasks.filter((task) => task.zone === zone).length / tasks.length;
  return share < 1 ? [{ kind: 'zone', name: zone, chance: share ** failed.length }] : [];
}

/** Faults that are the resource's own, whatever else its log says; a crash loop or a failed placement may come of an outage. */
const ITS_OWN: readonly Fault[] = [
  'bad-deployment',
  'bad-configuration',
  'bad-function-version',
  'memory-leak',
  'memory-limit',
  'connection-leak',
];
const LIKELY: Ratio = 0.5;

/** What was changed so shortly before the onset is a cause of its own. */
const JUST_BEFORE = minutes(15);

/** Whether its cause is likelier its own: what was changed just before, or what was found in itself. */
export function hasOwnCause(evidence: Evidence, { hypotheses: [first] }: Pick<Diagnosis, 'hypotheses'>): boolean {
  if (first && ITS_OWN.includes(first.fault) && first.confidence >= LIKELY) return true;
  const { arn, parameters } = target(evidence);
  return [arn, ...parameters.map((one) => one.arn)].some((resource) =>
    changesBefore(evidence, resource, JUST_BEFORE, CHANGES).some(bringsSomethingNew),
  );
}

const CHANGES = [
  'deployment-started',
  'configuration-updated',
  'alias-moved',
  'code-updated',
  'parameter-written',
] as const satisfies readonly Change['kind'][];

/** A restart does not, nor does what is made for the first time. */
function bringsSomethingNew({ kind, from, to }: Change): boolean {
  if (kind === 'deployment-started' || kind === 'alias-moved') return from !== undefined && from !== to;
  return kind !== 'parameter-written' || to !== FIRST_VERSION;
}
const FIRST_VERSION = '1';

/** An incident as others see it that may share its cause. */
export const sharerOf = (
  { incidentId, resource }: Pick<Incident, 'incidentId' | 'resource'>,
  evidence: Evidence,
  diagnosis: Pick<Diagnosis, 'hypotheses'>,
): Sharer => ({
  incidentId,
  resource,
  onset: evidence.window.onset,
  slack: slack(evidence),
  traces: hasOwnCause(evidence, diagnosis) ? [] : tracesOf(evidence),
});
