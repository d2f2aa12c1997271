import type * as z from 'zod';
import type { Arn } from '../../layers/core/arn.ts';
import type { Change } from '../../layers/core/inventory.ts';
import type { Instant } from '../../layers/core/units.ts';

/** Looks up, with the read-only role, what an event leaves out. Versions and counts, never values. */
export interface Look {
  /** Task definition of a deployment, while ECS still lists it. */
  revisionOf(service: Arn, deployment: string): Promise<string | undefined>;
  /** The `group` of a task, e.g. `service:orders`, while ECS still lists it. */
  groupOf(cluster: Arn, task: string): Promise<{ readonly task: Arn; readonly group: string } | undefined>;
  desiredCountOf(service: Arn): Promise<number | undefined>;
  /** The version a parameter has now, and since when. */
  parameterVersionOf(parameter: Arn): Promise<{ readonly version: number; readonly since: Instant } | undefined>;
}

/** One kind of change event: one file in functions/changes/feeds, exported as `feed`. */
export interface Feed {
  readonly name: string;
  readonly detailType: string;
  /**
   * What the event says was changed; nothing when it tells of no change.
   * @throws z.ZodError when the event is not what its detail-type promises.
   */
  read(event: unknown, look: Look): Promise<readonly Change[]>;
}

export function defineFeed<Schema extends z.ZodType>(feed: {
  readonly name: string;
  readonly detailType: string;
  readonly event: Schema;
  readonly read: (event: z.infer<Schema>, look: Look) => readonly Change[] | Promise<readonly Change[]>;
}): Feed {
  const { name, detailType, event: schema, read } = feed;
  return { name, detailType, read: async (event, look) => read(schema.parse(event), look) };
}

/** ISO with milliseconds, whatever the sender wrote. @throws Error when it is no time */
export function instant(text: string): Instant {
  const at = new Date(text);
  if (!Number.isNaN(at.valueOf())) return at.toISOString();
  throw new Error(`supply a time, e.g. 2026-11-22T00:41:08.123Z, got ${text.slice(0, 50)}`);
}

/**
 * Ids that the native event and the CloudTrail event of one change share, so that it is recorded once, whichever comes
 * first; the other adds what it knows more.
 */
export const eventIds = {
  deployment: (deployment: string, phase: 'started' | 'completed' | 'failed') => `deployment:${deployment}#${phase}`,
  parameterVersion: (version: number) => `parameter-version:${version}`,
  taskStopped: (task: Arn) => `task-stopped:${task}`,
} as const;
