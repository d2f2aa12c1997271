import { resourceTypeOf, type Arn } from '../../../layers/core/arn.ts';
import type { KnownAlarm, Resource } from '../../../layers/core/inventory.ts';
import { ABOUT_NOTHING, TAGS } from '../../../layers/core/mode.ts';
import { criterionOf } from '../../../layers/core/probe.ts';
import type { Sightings } from '../../../layers/core/sightings.ts';
import type { Instant } from '../../../layers/core/units.ts';
import type { AlarmFacts, Environment, Facts, FunctionFacts, ServiceFacts, Tagged } from '../facts.ts';
import { resourceOf } from './alarm-target.ts';
import { criteriaOfAlarm } from './criteria.ts';
import { knownFrom, type Known, type Registered } from './known.ts';
import { ownOfLambda, ownOfLimits, ownOfService } from './own.ts';
import { childrenOf } from './rule.ts';
import { remember, seenIn, usesSeen } from './sightings.ts';
import { ASKED_NOTHING, askedBy, wishesOf } from './tags.ts';
import { cluesOf, dependenciesOf, listedIn, polledBy, tracedFrom, usedIn, type Clue } from './topology.ts';

/** An alarm that nobody can be healed for, and why. */
export interface UnresolvedAlarm {
  readonly alarm: Arn;
  readonly why: string;
}

export interface Inventory {
  readonly resources: readonly Resource[];
  /** Alarms of watched resources, by alarm. */
  readonly alarms: ReadonlyMap<Arn, Arn>;
  readonly unresolved: readonly UnresolvedAlarm[];
}

/**
 * Makes the inventory from what was read. Pure.
 * @param others resources of the inventory that this discovery did not read again, which alarms and environments may name
 * @param traced what X-Ray showed before, by resource
 */
export function inventoryFrom(
  facts: Facts,
  now: Instant,
  others: readonly Registered[] = [],
  traced: ReadonlyMap<Arn, Sightings> = new Map(),
): Inventory {
  const services = new Map(facts.services.map((service) => [service.arn, service]));
  const drafts = facts.tagged.flatMap((tagged) => draftsOf(tagged, facts, services));
  const registered = drafts.map(({ arn, service }) => ({ arn, targetGroups: service?.targetGroups ?? [] }));
  const ours = new Set(drafts.map(({ arn }) => arn));
  const known = knownFrom(facts, [...registered, ...others.filter(({ arn }) => !ours.has(arn))]);
  const { alarms, byResource, unresolved } = resolveAlarms(facts.alarms, known);
  const clues = cluesOf(known, facts.loadBalancers);
  const { serviceGraph } = facts;
  const seen = serviceGraph && seenIn(serviceGraph, known, facts.loadBalancers);
  const resources = drafts.map((draft) => {
    const { arn } = draft;
    const found = seen && { until: serviceGraph.until, calls: seen.get(arn) ?? new Map<Arn, number>() };
    const sightings = remember(traced.get(arn), found, now, known);
    return resourceFrom(draft, { known, clues, now, alarms: byResource.get(arn) ?? [], facts, sightings });
  });
  return { resources, alarms, unresolved };
}

/** A watched resource before it is known what else there is. */
interface Draft {
  readonly arn: Arn;
  readonly tags: Readonly<Record<string, string>>;
  readonly service?: ServiceFacts;
  readonly function?: FunctionFacts;
  readonly aliasVersion?: string;
}

/** AWS tags functions, not aliases: a function's tags hold for its aliases. A tagged resource that is gone makes none. */
function draftsOf({ arn, tags }: Tagged, facts: Facts, services: ReadonlyMap<Arn, ServiceFacts>): Draft[] {
  const type = resourceTypeOf(arn);
  if (type === undefined) return [];
  if (type === 'ecs-service') {
    const service = services.get(arn);
    return service ? [{ arn, tags, service }] : [];
  }
  if (type !== 'lambda-function') return [{ arn, tags }];
  const it = facts.functions.find((one) => one.arn === arn);
  if (!it) return [];
  const aliases = it.aliases.map((alias) => ({
    arn: alias.arn,
    tags,
    function: it,
    ...(alias.version ? { aliasVersion: alias.version } : {}),
  }));
  return [{ arn, tags, function: it }, ...aliases];
}

interface Context {
  readonly known: Known;
  readonly clues: readonly Clue[];
  readonly now: Instant;
  readonly alarms: readonly KnownAlarm[];
  readonly facts: Pick<Facts, 'eventSources' | 'traces'>;
  readonly sightings: Sightings | undefined;
}

function resourceFrom(draft: Draft, { known, clues, now, alarms, facts, sightings }: Context): Resource {
  const { arn, tags, service } = draft;
  const environment: Environment = service?.environment ?? draft.function?.environment ?? [];
  const uses = [
    ...listedIn(tags[TAGS.dependsOn], known),
    ...usedIn(environment, clues),
    ...polledBy(arn, facts.eventSources),
    ...tracedFrom(arn, facts.traces, known),
    ...usesSeen(sightings),
  ];
  const all = askedBy(tags);
  // An alias has its function's tags, and its log: a metric is watched and a probe made once, as the function's.
  const asked =
    resourceTypeOf(arn) === 'lambda-alias'
      ? { ...ASKED_NOTHING, ...(all.session ? { session: all.session } : {}) }
      : all;
  const logGroups = service?.logGroups ?? (draft.function ? [draft.function.logGroup] : []);
  return {
    arn,
    type: resourceTypeOf(arn)!,
    ...wishesOf(arn, tags),
    alarms: [...alarms],
    own: [
      ...ownOf(draft, known),
      ...ownOfLimits(arn, asked.metrics),
      ...asked.probes.map((probe) => criterionOf(arn, probe)),
    ],
    ...asked,
    targetGroups: [...(service?.targetGroups ?? [])],
    ...dependenciesOf(arn, uses),
    ...(sightings ? { traced: sightings } : {}),
    parameters: (service?.parameters ?? []).map((parameter) => ({ arn: parameter, readAt: 'start' as const })),
    logGroups: [...logGroups],
    ...(service?.scalableTarget ? { scalableTarget: service.scalableTarget } : {}),
    ...(service ? { deploymentController: service.controller, scheduling: service.scheduling } : {}),
    ...(draft.aliasVersion ? { aliasVersion: draft.aliasVersion } : {}),
    seenAt: now,
  };
}

function ownOf({ arn, service, function: lambda }: Draft, { targetGroups }: Known) {
  if (service) {
    const groups = service.targetGroups.flatMap((group) => targetGroups.get(group) ?? []);
    return ownOfService(arn, groups);
  }
  return lambda ? ownOfLambda(arn) : [];
}

function resolveAlarms(all: readonly AlarmFacts[], known: Known) {
  const alarms = new Map<Arn, Arn>();
  const byResource = new Map<Arn, KnownAlarm[]>();
  const unresolved: UnresolvedAlarm[] = [];
  for (const alarm of all) {
    if (alarm.scalesOnly || known.alarmTags.get(alarm.arn)?.trim() === ABOUT_NOTHING) continue;
    const found = resourceOf(alarm, known);
    if ('unresolved' in found) unresolved.push({ alarm: alarm.arn, why: found.unresolved });
    else if (known.watched.has(found.resource)) {
      alarms.set(alarm.arn, found.resource);
      byResource.set(found.resource, [
        ...(byResource.get(found.resource) ?? []),
        knownAlarm(alarm, found.resource, known),
      ]);
    }
  }
  return { alarms, byResource, unresolved };
}

function knownAlarm(alarm: AlarmFacts, resource: Arn, known: Known): KnownAlarm {
  const { arn, name, kind } = alarm;
  return { arn, name, kind, criteria: criteriaUnder(alarm, resource, known, new Set()) };
}

/** A composite's criteria are those of the alarms below it that are about the same resource; of all, where its owner says so. */
function criteriaUnder(
  alarm: AlarmFacts,
  resource: Arn,
  known: Known,
  above: ReadonlySet<string>,
): KnownAlarm['criteria'] {
  if (alarm.kind !== 'composite') return criteriaOfAlarm(alarm, resource);
  const seen = new Set([...above, alarm.name]);
  const children = childrenOf(alarm.rule).flatMap((name) => (seen.has(name) ? [] : (known.alarms.get(name) ?? [])));
  const owned = known.alarmTags.has(alarm.arn) ? children : children.filter((child) => isAbout(child, resource, known));
  return owned.flatMap((child) => criteriaUnder(child, resource, known, seen));
}

function isAbout(alarm: AlarmFacts, resource: Arn, known: Known): boolean {
  const found = resourceOf(alarm, known);
  return 'resource' in found && found.resource === resource;
}
