import * as z from 'zod';

/** How often X-Ray saw a resource call others: its graph is of a sample, so that what it shows is counted over time. */
export const Sightings = z.object({
  /** X-Ray's traces are counted up to here. */
  until: z.string(),
  /** By the callee's ARN. */
  calls: z.record(
    z.string(),
    z.object({
      /** Since it was first seen. */
      count: z.number().int().positive(),
      /** The end of the last time frame in which it was. */
      lastSeen: z.string(),
    }),
  ),
});
export type Sightings = z.infer<typeof Sightings>;
