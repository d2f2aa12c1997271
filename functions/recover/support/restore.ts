import type { Undone } from '../../../layers/core/action.ts';
import type { Mutation } from '../../../layers/core/mutation.ts';

/** Puts a field back where it still is what was written (DESIGN, invariant 1); someone else's later value stays. */
export async function restoreField(now: unknown, mutation: Mutation, write: () => Promise<void>): Promise<Undone> {
  if (now === mutation.was) return 'undone';
  if (now !== mutation.becomes) return 'left-alone';
  await write();
  return 'undone';
}
