import * as z from 'zod';
import { Arn } from './arn.ts';

/** Versions, revisions, counts and field names; never a secret value. */
const FieldValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One change of one field of one resource. */
export const Mutation = z.object({ resource: Arn, field: z.string(), was: FieldValue, becomes: FieldValue });
export type Mutation = z.infer<typeof Mutation>;

/** Where a mutation stands. `intended` is stored before the call; what stays `intended` is looked up, then undone or adopted. */
export const MutationState = z.enum(['intended', 'applied', 'undone', 'left-alone', 'undo-failed']);
export type MutationState = z.infer<typeof MutationState>;

export const RecordedMutation = Mutation.extend({
  action: z.string(),
  state: MutationState,
  /** When it came into its state. */
  at: z.string(),
  /** When calls of ours may have changed it: as the intent was stored, as it was applied, as it was undone. */
  calls: z.array(z.string()).optional(),
});
export type RecordedMutation = z.infer<typeof RecordedMutation>;
