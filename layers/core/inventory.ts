import * as z from 'zod';
import { Arn, ResourceType } from './arn.ts';
import { Criterion } from './criterion.ts';
import { SessionKey } from './log-session-key.ts';
import { Mode, Risk } from './mode.ts';
import { NamedMetric } from './named-metric.ts';
import { Probe } from './probe.ts';
import { Sightings } from './sightings.ts';
import { EdgeSource } from './topology.ts';

/** An alarm as the inventory knows it: enough to read its metrics without asking CloudWatch what it is. */
export const KnownAlarm = z.object({
  arn: Arn,
  name: z.string(),
  kind: z.enum(['metric', 'math', 'composite']),
  /** Criteria of a composite are those of its children. */
  criteria: z.array(Criterion),
});
export type KnownAlarm = z.infer<typeof KnownAlarm>;

/** What discovery knows of one watched resource: key `RESOURCE#arn`. */
export const Resource = z.object({
  arn: Arn,
  type: ResourceType,
  mode: Mode,
  /** Where the mode came from; `invalid` keeps the text that was no mode. */
  modeFrom: z.union([z.literal('tag'), z.literal('default'), z.object({ invalid: z.string() })]),
  /** For the storm brake. Tag `prunella:fleet`, else the account id. */
  fleet: z.string(),
  maxRisk: Risk.optional(),
  noRollback: z.boolean().default(false),
  /** Share of requests that is promised to succeed over 30 days. Tag `prunella:objective`; absent: the default. */
  objective: z.number().gt(0).lt(1).optional(),
  alarms: z.array(KnownAlarm).default([]),
  /** Health criteria that follow from the type alone (running tasks, alias errors, …). */
  own: z.array(Criterion).default([]),
  /** Metrics that its owner names by tags, each with its limit where it has one. */
  metrics: z.array(NamedMetric).default([]),
  /** Health checks that its owner asks for by tags. */
  probes: z.array(Probe).default([]),
  /** Tags of ours that could not be read, and what would be right. */
  misread: z.array(z.string()).default([]),
  targetGroups: z.array(Arn).default([]),
  /** Watched or known resources this one calls or reads. */
  dependsOn: z.array(Arn).default([]),
  /** How each of them is known, by ARN; see `edgesFrom`. */
  dependsBy: z.record(z.string(), z.array(EdgeSource)).optional(),
  /** The calls that X-Ray traced from it; absent until X-Ray was asked. */
  traced: Sightings.optional(),
  /** Parameters it reads, and when. */
  parameters: z.array(z.object({ arn: Arn, readAt: z.enum(['start', 'always']) })).default([]),
  logGroups: z.array(z.string()).default([]),
  /** How its logs tell sessions apart, where its owner says so by a tag. */
  session: SessionKey.optional(),
  /** A registered scalable target: whoever scales it, raise its minimum instead of the count. */
  scalableTarget: z.object({ min: z.number().int(), max: z.number().int() }).optional(),
  /** ECS: `ECS`, `CODE_DEPLOY`, `EXTERNAL`. */
  deploymentController: z.string().optional(),
  /** ECS: `REPLICA`, `DAEMON`. */
  scheduling: z.string().optional(),
  /** Lambda alias: the version it pointed to when it was last discovered. */
  aliasVersion: z.string().optional(),
  seenAt: z.string(),
});
export type Resource = z.infer<typeof Resource>;

/** Everything that says whether a resource is well, each once: of its alarms first, then of its type. */
export function criteriaOf({ alarms, own }: Pick<Resource, 'alarms' | 'own'>): Criterion[] {
  const all = [...alarms.flatMap(({ criteria }) => criteria), ...own];
  return [...new Map(all.map((criterion) => [`${criterion.resource} ${criterion.id}`, criterion])).values()];
}

/** Those that say whether it does what it is for. */
export const targetsOf = (resource: Pick<Resource, 'alarms' | 'own'>): Criterion[] =>
  criteriaOf(resource).filter(({ role }) => role === 'target');

/** One change to a resource as it was recorded: key `CHANGE#arn / time`. Never holds a value of a parameter or variable. */
export const Change = z.object({
  resource: Arn,
  at: z.string(),
  kind: z.enum([
    'deployment-started',
    'deployment-completed', // reached a steady state
    'deployment-failed',
    'scaled',
    'task-stopped-by-hand',
    'parameter-written',
    'alias-moved',
    'code-updated',
    'configuration-updated',
    'other-write',
  ]),
  /** Revision, version or count after the change, e.g. a task definition ARN, `7`, `desiredCount=4`. */
  to: z.string().optional(),
  from: z.string().optional(),
  /** The principal's ARN, when known. Prunella's own changes carry its incident id in the session name. */
  by: z.string().optional(),
  /** The incident whose action made this change, if it was ours. */
  incidentId: z.string().optional(),
  /** Id of the event it was read from: the same event is recorded once. */
  eventId: z.string(),
});
export type Change = z.infer<typeof Change>;
