import * as z from 'zod';

/** The fields of any EventBridge event that Prunella uses; each kind adds its own `detail`. */
export const Envelope = z.object({
  id: z.string().min(1),
  source: z.string(),
  'detail-type': z.string(),
  /** When the sender published it, by its own clock. */
  time: z.iso.datetime({ offset: true }),
  region: z.string(),
  account: z.string(),
  resources: z.array(z.string()).default([]),
});
export type Envelope = z.infer<typeof Envelope>;

/** What a function is called with for messages of a queue: each body is an EventBridge event, or a job of ours, as JSON. */
export const SqsBatch = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
