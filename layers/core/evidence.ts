import * as z from 'zod';
import { Arn } from './arn.ts';
import { Hypothesis } from './diagnosis.ts';
import { Known } from './experience.ts';
import { HealthNotice } from './health-notice.ts';
import { Change, Resource } from './inventory.ts';
import { Opinion } from './language.ts';
import { Order } from './sequence.ts';
import { Share } from './common-cause.ts';
import { Signal, StoppedTask } from './signal.ts';
import { Fault, FaultCategory, Severity } from './taxonomy.ts';
import { minutes, type Seconds } from './units.ts';

/** One metric over the window. `points` are [seconds since the epoch, value], oldest first. */
export const Series = z.object({
  resource: Arn,
  /** The criterion it was read for. */
  criterion: z.string(),
  metric: z.string(),
  /** `Average`, `Sum`, `p99`, …; absent for metric math and in older evidence. */
  stat: z.string().optional(),
  unit: z.string().optional(),
  /** Seconds. */
  period: z.number().int().positive(),
  points: z.array(z.tuple([z.number(), z.number()])),
});
export type Series = z.infer<typeof Series>;

/** So long before the onset logs are read. */
export const LOG_WINDOW: Seconds = minutes(10);

/** A message shape in a resource's logs, with its count in the `LOG_WINDOW` before and in all the time after the onset. Variable parts are `<*>`; secrets are redacted. */
export const LogTemplate = z.object({
  resource: Arn,
  template: z.string(),
  before: z.number().int(),
  after: z.number().int(),
  example: z.string(),
  /** What it says went wrong, and how badly; absent in older evidence. */
  category: FaultCategory.optional(),
  severity: Severity.optional(),
});
export type LogTemplate = z.infer<typeof LogTemplate>;

/** What an ECS service was when the evidence was taken. */
export const ServiceState = z.object({
  resource: Arn,
  desired: z.number().int(),
  running: z.number().int(),
  pending: z.number().int(),
  revision: z.string(),
  /** MiB and CPU units of one task. */
  memory: z.number().optional(),
  cpu: z.number().optional(),
  deploymentInProgress: z.boolean(),
  /** Task role and execution role of the revision: registering a copy of it passes them on. */
  roles: z.array(Arn).default([]),
  /** Revisions that were seen steady, newest first. */
  steadyRevisions: z.array(z.string()),
  tasks: z.array(
    z.object({
      task: Arn,
      startedAt: z.string().optional(),
      health: z.string().optional(),
      targetHealth: z.string().optional(),
      zone: z.string().optional(),
    }),
  ),
});
export type ServiceState = z.infer<typeof ServiceState>;

/** What a Lambda alias pointed to when the evidence was taken. */
export const AliasState = z.object({
  resource: Arn,
  version: z.string(),
  /** Versions the alias pointed to before, newest first, with when it left them. */
  previous: z.array(z.object({ version: z.string(), until: z.string() })),
  routing: z.record(z.string(), z.number()).default({}),
});
export type AliasState = z.infer<typeof AliasState>;

/** An incident before this one, on the resource or on what it calls. */
export const RecentIncident = z.object({
  incidentId: z.string(),
  resource: Arn,
  openedAt: z.string(),
  closedAt: z.string().optional(),
  /** What it was diagnosed as. */
  fault: Fault.optional(),
  ending: z.enum(['recovered', 'escalated', 'suppressed', 'noise']).optional(),
  by: z.enum(['action', 'itself', 'person']).optional(),
  /** What healed it. */
  action: z.string().optional(),
});
export type RecentIncident = z.infer<typeof RecentIncident>;

/**
 * Everything known about an incident's window, self-contained and redacted: Diagnose and Decide need nothing else, so
 * they can be run again offline, bit for bit.
 */
export const Evidence = z.object({
  schema: z.literal(1),
  incidentId: z.string(),
  resource: Arn,
  takenAt: z.string(),
  window: z.object({ from: z.string(), to: z.string(), onset: z.string() }),
  /** The incident's resource first, then its neighbours: one hop away, then two, what is called before who calls. */
  resources: z.array(Resource),
  /** Version of the dependency graph by which they were found. */
  topologyVersion: z.number().int().nonnegative().default(0),
  /** Which of them have an open incident of their own, by resource. */
  openIncidents: z.record(z.string(), z.string()),
  signals: z.array(Signal),
  series: z.array(Series),
  logs: z.array(LogTemplate),
  changes: z.array(Change),
  stoppedTasks: z.array(StoppedTask.extend({ resource: Arn })),
  services: z.array(ServiceState),
  aliases: z.array(AliasState),
  /** What AWS Health said of them, or of their services, in the window; the newest first. */
  health: z.array(HealthNotice).default([]),
  /** Incidents before this one, the newest first. */
  recent: z.array(RecentIncident).default([]),
  /** What could not be read, and why: a diagnosis names its gaps. */
  gaps: z.array(z.string()),
  /** What it shows as other incidents of this time do, of a cause outside the graph. */
  shared: z.array(Share).optional(),
  /** What earlier incidents tell about this one. */
  known: Known.optional(),
  /** What came before it and what comes after it, as earlier incidents tell. */
  order: Order.optional(),
  /** What the account's own fault model holds, where one is in use: asked once, so that a diagnosis can be replayed. */
  modelled: z.object({ model: z.string(), hypotheses: z.array(Hypothesis) }).optional(),
  /** What a language model holds of the hypotheses, where one was asked. */
  opinion: Opinion.optional(),
});
export type Evidence = z.infer<typeof Evidence>;
