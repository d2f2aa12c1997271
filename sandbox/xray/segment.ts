import * as z from 'zod';

const times = { start_time: z.number(), end_time: z.number() };
const outcome = { error: z.boolean().optional(), fault: z.boolean().optional() };
const id = z.string().regex(/^[0-9a-f]{16}$/);

/** A call that was made while a segment was open: of another program (`remote`), or of a service of AWS. */
export const Subsegment = z.object({
  id,
  name: z.string().min(1),
  namespace: z.enum(['remote', 'aws']).optional(),
  aws: z
    .object({
      table_name: z.string().optional(),
      queue_url: z.string().optional(),
      function_name: z.string().optional(),
    })
    .optional(),
  ...times,
  ...outcome,
});
export type Subsegment = z.infer<typeof Subsegment>;

/** What a program did for one request, as X-Ray's segment documents tell it. Only what the service graph needs. */
export const Segment = z.object({
  id,
  trace_id: z.string().regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  /** The subsegment, of another program, within which it was called. */
  parent_id: id.optional(),
  name: z.string().min(1).max(200),
  /** What the program runs on, e.g. `AWS::ECS::Container`. */
  origin: z.string().optional(),
  subsegments: z.array(Subsegment).default([]),
  ...times,
  ...outcome,
});
export type Segment = z.infer<typeof Segment>;
