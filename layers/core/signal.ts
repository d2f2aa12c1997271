import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Arn } from './arn.ts';
import { SessionKey } from './log-session-key.ts';
import { MetricLimit } from './named-metric.ts';
import { ProbeFailure } from './probe.ts';

/** Why a task stopped, read off an ECS task state-change event. */
export const StoppedTask = z.object({
  task: Arn,
  revision: z.string().optional(),
  exitCode: z.number().int().optional(),
  stopCode: z.string().optional(),
  reason: z.string().optional(),
  startedAt: z.string().optional(),
  stoppedAt: z.string(),
  /** The Availability Zone it ran in. */
  zone: z.string().optional(),
});
export type StoppedTask = z.infer<typeof StoppedTask>;

/** A metric that stands out, and what is usual for it: 90 per cent of its past values lie between `low` and `high`. */
export const Carrier = z.object({
  /** Of the watched series (`seriesOf`). */
  series: z.string(),
  value: z.number(),
  usual: z.object({ low: z.number(), high: z.number() }),
});
export type Carrier = z.infer<typeof Carrier>;

/** A kind of log message that is new, or comes far more often than usual. */
export const OddMessage = z.object({
  group: z.string(),
  /** Redacted; `<*>` stands for what varies. */
  template: z.string(),
  /** How many were seen. */
  lines: z.number().int(),
  /** Usual in as long a time; 0 of one that is new. */
  usual: z.number(),
});
export type OddMessage = z.infer<typeof OddMessage>;

/** What some sessions of a log do that others do not. Templates are redacted; `<*>` stands for what varies. */
export const Oddity = z.discriminatedUnion('how', [
  /** They say a message and do not go on to others that usually come after it. */
  z.object({ how: z.literal('lacks'), after: z.string(), without: z.array(z.string()).min(1) }),
  /** Messages that usually come once come more often. */
  z.object({ how: z.literal('repeats'), again: z.array(z.string()).min(1) }),
  /** One message follows another as it hardly ever does. */
  z.object({ how: z.literal('order'), first: z.string(), then: z.string() }),
]);
export type Oddity = z.infer<typeof Oddity>;

/** Sessions of a log (requests, orders) that are odd in one way, and more of them than usual. */
export const OddSessions = z.object({
  group: z.string(),
  /** How its sessions are told apart. */
  by: SessionKey,
  oddity: Oddity,
  /** How many are odd in this way, of how many. */
  odd: z.number().int(),
  of: z.number().int(),
  /** Where too many are under way, one in so many was followed: these counts are of those. */
  oneIn: z.number().int().positive().default(1),
  /** The usual share of sessions that are odd in any way, 0 to 1. */
  usual: z.number(),
});
export type OddSessions = z.infer<typeof OddSessions>;

/** What a forecast said when it was made. Times are seconds from the signal's `at`; 0 where the limit is reached already. */
export const Foretold = z.object({
  /** Of the watched series (`seriesOf`). */
  series: z.string(),
  limit: MetricLimit,
  value: z.number(),
  /** Per second. */
  slope: z.number(),
  inSeconds: z.number(),
  /** Of the 90 % interval; `null`: it may as well never come. */
  earliest: z.number(),
  latest: z.number().nullable(),
  /** That the limit is reached within the horizon. */
  probability: z.number().min(0).max(1),
  horizon: z.number().positive(),
});
export type Foretold = z.infer<typeof Foretold>;

/** What a model that learned from earlier incidents said when it was asked. */
export const Failing = z.object({
  /** Which version of which type's model. */
  model: z.string(),
  /** That it fails within `horizon` seconds from the signal's `at`. */
  probability: z.number().min(0).max(1),
  horizon: z.number().positive(),
  /** The metrics that carry the probability, the one that carries most first. */
  carriers: z.array(Carrier).min(1),
});
export type Failing = z.infer<typeof Failing>;

/** Longer ids are refused. */
export const LONGEST_ID = 300;

/** The id of news, made of what it is about: the same each time it is told. What is too long is shortened by its hash. */
export function newsId(kind: string, ...about: readonly (string | number)[]): string {
  const whole = [kind, ...about].join(' ');
  return whole.length <= LONGEST_ID ? whole : `${kind} ${createHash('sha256').update(whole).digest('hex')}`;
}
/** The `detector` of an anomaly that says that AWS refuses calls. */
export const REFUSALS = 'refusals';

const base = {
  /** The event's own id: the same event twice is one signal. */
  id: z.string(),
  /** When it happened, by the sender's clock. */
  at: z.string(),
  resource: Arn,
  /** One line for a person. */
  summary: z.string(),
};

/** One observation that something may be wrong. */
export const Signal = z.discriminatedUnion('kind', [
  z.object({
    ...base,
    kind: z.literal('alarm'),
    alarm: z.string(),
    alarmArn: Arn,
    state: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  }),
  z.object({ ...base, kind: z.literal('task-stopped'), stopped: StoppedTask }),
  z.object({ ...base, kind: z.literal('deployment-failed'), deployment: z.string(), reason: z.string() }),
  /** A rollout that ECS has not given up, and that has gone on for far longer than is usual, or loses every task it starts. */
  z.object({
    ...base,
    kind: z.literal('deployment-stalled'),
    deployment: z.string(),
    /** Tasks of the new deployment that run, of those that should, and those that failed one after the other. */
    running: z.number().int(),
    desired: z.number().int(),
    failed: z.number().int(),
  }),
  /** ECS says that it cannot place, configure or start the service's tasks. */
  z.object({ ...base, kind: z.literal('service-event'), event: z.string(), reason: z.string() }),
  /** AWS Health names the resource in an issue of AWS's own. */
  z.object({ ...base, kind: z.literal('health-event'), service: z.string(), event: z.string() }),
  z.object({
    ...base,
    kind: z.literal('anomaly'),
    detector: z.string(),
    score: z.number(),
    /** The metrics that carry the score, the one that alerted first. */
    carriers: z.array(Carrier).optional(),
    /** The log messages that are new, or come too often. */
    messages: z.array(OddMessage).optional(),
    /** The sessions in logs that are odd. None of the three: someone else's detector says so. */
    sessions: z.array(OddSessions).optional(),
  }),
  z.object({
    ...base,
    kind: z.literal('forecast'),
    detector: z.string(),
    expectedAt: z.string(),
    /** Absent where someone else's detector says so: it is then believed. */
    foretold: Foretold.optional(),
    /** In place of `foretold` where it was learned from earlier incidents. */
    failing: Failing.optional(),
  }),
  /** A health check was not answered well so often that it counts, or is again; `probe` is its criterion of health. */
  z.object({
    ...base,
    kind: z.literal('probe'),
    probe: z.string(),
    state: z.enum(['failed', 'ok']),
    failure: ProbeFailure.optional(),
  }),
  z.object({ ...base, kind: z.literal('chaos'), experiment: z.string() }),
  z.object({ ...base, kind: z.literal('operator'), by: z.string() }),
]);
export type Signal = z.infer<typeof Signal>;

/** Whether it says that something is wrong; an alarm or a probe may also say that it no longer is. */
export function isTrouble(signal: Signal): boolean {
  if (signal.kind === 'alarm') return signal.state === 'ALARM';
  return signal.kind !== 'probe' || signal.state === 'failed';
}

/** Whether it says that all is well. */
export const isAllClear = (signal: Signal): boolean =>
  (signal.kind === 'alarm' && signal.state === 'OK') || (signal.kind === 'probe' && signal.state === 'ok');

/** The probes that fail, by what was heard of each last. */
export function failingProbes(signals: readonly Signal[]): Extract<Signal, { kind: 'probe' }>[] {
  const told = signals.filter((signal) => signal.kind === 'probe').toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const last = new Map(told.map((signal) => [signal.probe, signal]));
  return [...last.values()].filter(isTrouble);
}

/** True when nothing has happened yet: all that tells of trouble is forecasts, and what they foretell is not there. */
export function isPredicted(signals: readonly Signal[]): boolean {
  const telling = signals.filter(isTrouble);
  return (
    telling.length > 0 && telling.every((signal) => signal.kind === 'forecast' && signal.foretold?.inSeconds !== 0)
  );
}
