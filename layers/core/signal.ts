import * as z from 'zod';
import { Arn } from './arn.ts';

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
  z.object({ ...base, kind: z.literal('anomaly'), detector: z.string(), score: z.number() }),
  z.object({ ...base, kind: z.literal('forecast'), detector: z.string(), expectedAt: z.string() }),
  z.object({ ...base, kind: z.literal('chaos'), experiment: z.string() }),
  z.object({ ...base, kind: z.literal('operator'), by: z.string() }),
]);
export type Signal = z.infer<typeof Signal>;
