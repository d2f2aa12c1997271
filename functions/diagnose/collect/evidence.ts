import type { Arn } from '../../../layers/core/arn.ts';
import { AWS_SERVICES, type Aws } from '../../../layers/core/aws.ts';
import { LOG_WINDOW, type AliasState, type Evidence, type LogTemplate } from '../../../layers/core/evidence.ts';
import type { Criterion } from '../../../layers/core/criterion.ts';
import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import { criteriaOf, type Change, type Resource } from '../../../layers/core/inventory.ts';
import { templates } from '../../../layers/core/log-template.ts';
import { readingOf } from '../../../layers/core/points.ts';
import { redactDeep } from '../../../layers/core/redact.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { lookAtAlias } from '../../../layers/runtime/observe/lambda.ts';
import { readLogs } from '../../../layers/runtime/observe/logs.ts';
import { readMetrics } from '../../../layers/runtime/observe/metrics.ts';
import { bounded, BOUNDS } from './bounded.ts';
import { collectChanges, mergeChanges } from './changes.ts';
import { contextCriteria } from './context.ts';
import { collectHealth } from './health.ts';
import { neighbourhoodOf, type GraphReads, type Neighbourhood } from './neighbourhood.ts';
import { onsetOf } from './onset.ts';
import { collectRecent, type ReadIncidents } from './recent.ts';
import { collectService, type ServiceEvidence } from './services.ts';
import { windowOf } from './window.ts';

/** Services that are looked at with their tasks and deployments, six calls each: the resource, and what is next to it. */
const SERVICES_AT_MOST = 9;
/** Resources called whose logs are read, two calls each: FilterLogEvents answers ten a second. */
const CALLEES_LOGS = 3;

/** What is read from outside, so that evidence can be collected in virtual time. */
export interface Sources extends GraphReads {
  readonly aws: (arn: Arn) => Promise<Aws>;
  readonly openIncident: (arn: Arn) => Promise<string | undefined>;
  /** The last incidents of a resource, the newest first. */
  readonly incidents: ReadIncidents;
  readonly changes: (arn: Arn, from: Instant, to: Instant) => Promise<readonly Change[]>;
  readonly healthNotices: () => Promise<readonly HealthNotice[]>;
}

/**
 * Collects everything known about an incident's window, once, within bounds of time and calls. What cannot be read becomes a gap;
 * nothing here stops a diagnosis.
 */
export async function collectEvidence(
  incident: Incident,
  resource: Resource,
  signals: readonly Signal[],
  unbounded: Sources,
  now: Instant,
  bounds = BOUNDS,
): Promise<Evidence> {
  const { sources, end } = bounded(unbounded, bounds);
  return collectFrom(incident, resource, signals, sources, now).finally(end);
}

async function collectFrom(
  incident: Incident,
  resource: Resource,
  signals: readonly Signal[],
  sources: Sources,
  now: Instant,
): Promise<Evidence> {
  const aws = await sources.aws(resource.arn).catch(unreachable);
  const around = await neighbourhoodOf(resource, sources);
  const neighbours = [...around.near, ...around.far];
  const resources = [resource, ...neighbours];
  const { from, first, gaps: clocks } = windowOf(signals, incident.openedAt, now);
  const [open, changes, metrics, past, health] = await Promise.all([
    openIncidentsOf(neighbours, sources),
    collectChanges(resource, neighbours, now, sources.changes),
    readMetrics(criteriaToRead(resource, around), from, now, aws),
    collectRecent(incident.incidentId, [resource, ...around.near], sources.incidents),
    collectHealth(resources, from, now, sources.healthNotices),
  ]);
  const services = await Promise.all(
    [resource, ...around.near]
      .filter(({ type }) => type === 'ecs-service')
      .slice(0, SERVICES_AT_MOST)
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
  const dated = signals.map((signal) => ({ ...signal, at: within(signal.at, first, now) }));
  const onset = onsetOf(dated, resource, readings, own?.stopped ?? [], from, now);
  const [logs, aliases] = await Promise.all([
    logsOf([resource, ...calledBy(resource, neighbours).slice(0, CALLEES_LOGS)], onset, now, aws),
    aliasesOf(resources, changes.own.concat(changes.shown), aws),
  ]);
  return redactDeep<Evidence>({
    schema: 1,
    incidentId: incident.incidentId,
    resource: resource.arn,
    takenAt: now,
    window: { from, to: now, onset },
    resources,
    topologyVersion: around.version,
    openIncidents: open.incidents,
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
    health: health.notices,
    recent: [...past.recent],
    gaps: [
      ...clocks,
      ...[around, open, metrics, changes, past, health].flatMap(({ gaps }) => gaps),
      ...services.flatMap(({ gaps }) => gaps),
      ...logs.gaps,
      ...aliases.gaps,
    ],
  });
}

/** A clock that is far off is not believed: of what it dates, only the order counts. */
const within = (at: Instant, from: Instant, to: Instant): Instant => (at < from ? from : at > to ? to : at);

/** Clients that answer every call with why there are none: each part of the evidence then names its gap. */
function unreachable(error: unknown): Aws {
  const client = { send: () => Promise.reject(error instanceof Error ? error : new Error(String(error))) };
  return Object.fromEntries(AWS_SERVICES.map((service) => [service, client])) as unknown as Aws;
}

async function openIncidentsOf(
  neighbours: readonly Resource[],
  sources: Sources,
): Promise<{ incidents: Record<string, string>; gaps: string[] }> {
  const gaps: string[] = [];
  const pairs = await Promise.all(
    neighbours.map(async ({ arn }) => {
      const id = await sources.openIncident(arn).catch((error: unknown) => {
        gaps.push(`whether ${arn} has an open incident could not be read: ${String(error)}`);
        return undefined;
      });
      return [arn, id] as const;
    }),
  );
  const known = pairs.filter((pair): pair is readonly [Arn, string] => pair[1] !== undefined);
  return { incidents: Object.fromEntries(known), gaps };
}

/**
 * The resource's own metrics first, then those nearby: what is over the limit of reads is furthest away. Two hops away only
 * what AWS publishes of every resource is read, and what follows from its type.
 */
function criteriaToRead(resource: Resource, { near, far }: Neighbourhood): Criterion[] {
  const targets = (one: Resource) => criteriaOf(one).filter(({ role }) => role === 'target');
  return [
    ...criteriaOf(resource),
    ...contextCriteria(resource, periodOf(resource)),
    ...near.flatMap(targets),
    ...near.flatMap((one) => contextCriteria(one, periodOf(one))),
    ...far.flatMap((one) => [...one.own, ...contextCriteria(one, periodOf(one))]),
  ];
}

const periodOf = (resource: Resource): Seconds => Math.min(60, ...criteriaOf(resource).map(({ period }) => period));

/** What a resource calls, then what these call: whom they name in their logs leads on to the cause. */
function calledBy({ arn, dependsOn }: Resource, neighbours: readonly Resource[]): Resource[] {
  const direct = neighbours.filter((one) => dependsOn.includes(one.arn));
  const indirect = neighbours.filter((one) => direct.some((callee) => callee.dependsOn.includes(one.arn)));
  return [...new Set([...direct, ...indirect])].filter((one) => one.arn !== arn);
}

async function logsOf(
  [resource, ...others]: readonly [Resource, ...Resource[]],
  onset: Instant,
  now: Instant,
  aws: Aws,
): Promise<{ templates: LogTemplate[]; gaps: string[] }> {
  const window = { from: addSeconds(onset, -LOG_WINDOW), onset, to: now };
  const of = async ({ arn, logGroups }: Resource, groups: number, slicesAfter?: number) => {
    const read = await Promise.all(logGroups.slice(0, groups).map((one) => readLogs(one, window, aws, slicesAfter)));
    const lines = read.flatMap((one) => one.lines);
    return { templates: templates(arn, lines, Date.parse(onset)), gaps: read.flatMap(({ gaps }) => gaps) };
  };
  const all = await Promise.all([of(resource, 5), ...others.map((one) => of(one, 1, 1))]);
  return { templates: all.flatMap((one) => one.templates), gaps: all.flatMap(({ gaps }) => gaps) };
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
