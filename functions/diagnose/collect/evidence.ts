import type { Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { AliasState, Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';
import { templates } from '../../../layers/core/log-template.ts';
import { readingOf } from '../../../layers/core/points.ts';
import { redactDeep } from '../../../layers/core/redact.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds, minutes, type Instant } from '../../../layers/core/units.ts';
import { lookAtAlias } from '../../../layers/runtime/observe/lambda.ts';
import { readLogs } from '../../../layers/runtime/observe/logs.ts';
import { criteriaOf } from '../../../layers/runtime/observe/look.ts';
import { readMetrics } from '../../../layers/runtime/observe/metrics.ts';
import { collectChanges, mergeChanges } from './changes.ts';
import { contextCriteria } from './context.ts';
import { onsetOf } from './onset.ts';
import { collectService, type ServiceEvidence } from './services.ts';

/** Time before the first signal that is read: what normal looks like. */
const BEFORE = minutes(30);
const NEIGHBOURS_AT_MOST = 10;
/** A neighbour is read for whether it is in trouble, not for all of its story. */
const LOG_WINDOW = minutes(10);

/** What is read from outside, so that evidence can be collected in virtual time. */
export interface Sources {
  readonly aws: (arn: Arn) => Promise<Aws>;
  readonly resource: (arn: Arn) => Promise<Resource | undefined>;
  readonly dependents: (arn: Arn) => Promise<readonly Arn[]>;
  readonly openIncident: (arn: Arn) => Promise<string | undefined>;
  readonly changes: (arn: Arn, from: Instant, to: Instant) => Promise<readonly Change[]>;
}

/** Collects everything known about an incident's window, once. What cannot be read becomes a gap; nothing here stops a diagnosis. */
export async function collectEvidence(
  incident: Incident,
  resource: Resource,
  signals: readonly Signal[],
  sources: Sources,
  now: Instant,
): Promise<Evidence> {
  const aws = await sources.aws(resource.arn);
  const neighbours = await neighboursOf(resource, sources);
  const resources = [resource, ...neighbours];
  const first = signals.map(({ at }) => at).sort()[0] ?? incident.openedAt;
  const from = addSeconds(first, -BEFORE);
  const [openIncidents, changes, metrics] = await Promise.all([
    openIncidentsOf(neighbours, sources),
    collectChanges(resource, neighbours, now, sources.changes),
    readMetrics(criteriaToRead(resources), from, now, aws),
  ]);
  const services = await Promise.all(
    resources
      .filter(({ type }) => type === 'ecs-service')
      .map(async (one) => ({
        arn: one.arn,
        ...(await collectService(
          one,
          one.arn === resource.arn ? changes.own : changes.shown.filter((change) => change.resource === one.arn),
          aws,
        )),
      })),
  );
  const own: ServiceEvidence | undefined = services.find(({ arn }) => arn === resource.arn);
  const readings = criteriaOf(resource).map((criterion) => readingOf(criterion, metrics.series));
  const onset = onsetOf(signals, resource, readings, own?.stopped ?? [], from, now);
  const [logs, aliases] = await Promise.all([
    logsOf(resource, onset, now, aws),
    aliasesOf(resources, changes.own.concat(changes.shown), aws),
  ]);
  return redactDeep<Evidence>({
    schema: 1,
    incidentId: incident.incidentId,
    resource: resource.arn,
    takenAt: now,
    window: { from, to: now, onset },
    resources,
    openIncidents,
    signals: [...signals],
    series: [...metrics.series],
    logs: logs.templates,
    changes: mergeChanges(
      changes.shown,
      services.flatMap(({ changes: remembered }) => remembered),
      now,
    ),
    stoppedTasks: services.flatMap(({ arn, stopped }) => stopped.map((task) => ({ ...task, resource: arn }))),
    services: services.flatMap(({ state }) => state ?? []),
    aliases: aliases.states,
    gaps: [...metrics.gaps, ...changes.gaps, ...services.flatMap(({ gaps }) => gaps), ...logs.gaps, ...aliases.gaps],
  });
}

async function neighboursOf(resource: Resource, sources: Sources): Promise<Resource[]> {
  const arns = [...new Set([...resource.dependsOn, ...(await sources.dependents(resource.arn))])].filter(
    (arn) => arn !== resource.arn,
  );
  const found = await Promise.all(arns.slice(0, NEIGHBOURS_AT_MOST).map((arn) => sources.resource(arn)));
  return found.filter((one) => one !== undefined);
}

async function openIncidentsOf(neighbours: readonly Resource[], sources: Sources): Promise<Record<string, string>> {
  const pairs = await Promise.all(neighbours.map(async ({ arn }) => [arn, await sources.openIncident(arn)] as const));
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

/** The resource's own metrics first: what is over the limit of reads is a neighbour's. */
function criteriaToRead([resource, ...neighbours]: readonly Resource[]) {
  if (!resource) return [];
  const own = criteriaOf(resource);
  const period = Math.min(60, ...own.map(({ period: each }) => each));
  return [
    ...own,
    ...contextCriteria(resource, period),
    ...neighbours.flatMap((one) => criteriaOf(one).filter(({ role }) => role === 'target')),
  ];
}

async function logsOf(
  { arn, logGroups }: Resource,
  onset: Instant,
  now: Instant,
  aws: Aws,
): Promise<{ templates: LogTemplate[]; gaps: string[] }> {
  const window = { from: addSeconds(onset, -LOG_WINDOW), onset, to: now };
  const read = await Promise.all(logGroups.slice(0, 5).map((group) => readLogs(group, window, aws)));
  return {
    templates: templates(
      arn,
      read.flatMap(({ lines }) => lines),
      Date.parse(onset),
    ),
    gaps: read.flatMap(({ gaps }) => gaps),
  };
}

async function aliasesOf(
  resources: readonly Resource[],
  changes: readonly Change[],
  aws: Aws,
): Promise<{ states: AliasState[]; gaps: string[] }> {
  const gaps: string[] = [];
  const unique = [...new Map(changes.map((change) => [change.eventId, change])).values()];
  const states = await Promise.all(
    resources
      .filter(({ type }) => type === 'lambda-alias')
      .map(({ arn }) =>
        lookAtAlias(arn, unique, aws).catch((error: unknown) => {
          gaps.push(`alias ${arn} could not be read: ${String(error)}`);
          return undefined;
        }),
      ),
  );
  return { states: states.filter((state) => state !== undefined), gaps };
}
