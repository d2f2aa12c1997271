import * as z from 'zod';
import { Arn } from './arn.ts';
import { MetricLimit } from './named-metric.ts';

/** Why a task stopped, read off an ECS task state-change event. */
export const StoppedTask = z.object({
  task: Arn,
  revision: z.string().optional(),
  exitCode: z.number().int().optional(),
  stopCode: z.string().optional(),
  reason: z.string().optional(),
  startedAt: z.string().optional(),
  stoppedAt: z.string(),
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

/** What a forecast said when it was made. Times are seconds from the signal's `at`. */
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
  /** ECS says that it cannot place, configure or start the service's tasks. */
  z.object({ ...base, kind: z.literal('service-event'), event: z.string(), reason: z.string() }),
  z.object({
    ...base,
    kind: z.literal('anomaly'),
    detector: z.string(),
    score: z.number(),
    /** The metrics that carry the score, the one that alerted first. Absent where someone else's detector says so. */
    carriers: z.array(Carrier).optional(),
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
  z.object({ ...base, kind: z.literal('chaos'), experiment: z.string() }),
  z.object({ ...base, kind: z.literal('operator'), by: z.string() }),
]);
export type Signal = z.infer<typeof Signal>;

/** True when nothing has happened yet: all that tells of trouble is forecasts. */
export function isPredicted(signals: readonly Signal[]): boolean {
  const telling = signals.filter((signal) => signal.kind !== 'alarm' || signal.state === 'ALARM');
  return telling.length > 0 && telling.every(({ kind }) => kind === 'forecast');
}
