import * as z from 'zod';
import { ParameterArn } from '../../../layers/core/arn.ts';
import { secondsBetween } from '../../../layers/core/units.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineFeed, eventIds, instant } from '../feed.ts';

const ParameterStoreChange = Envelope.extend({
  resources: z.tuple([ParameterArn], z.string()),
  detail: z.object({ operation: z.string() }),
});

/** The event names no version. What the parameter has now is the event's, unless it was written again since. */
const SAME_WRITE = 5;

/** A parameter was written or deleted. */
export const feed = defineFeed({
  name: 'parameter',
  detailType: 'Parameter Store Change',
  event: ParameterStoreChange,
  async read({ id, time, resources: [resource], detail: { operation } }, look) {
    const at = instant(time);
    if (operation === 'Delete') return [{ resource, at, kind: 'parameter-written', to: 'deleted', eventId: id }];
    if (operation !== 'Create' && operation !== 'Update') return [];
    const now = await look.parameterVersionOf(resource);
    if (!now || Math.abs(secondsBetween(now.since, at)) > SAME_WRITE)
      return [{ resource, at, kind: 'parameter-written', eventId: id }];
    return [
      {
        resource,
        at,
        kind: 'parameter-written',
        ...versions(now.version),
        eventId: eventIds.parameterVersion(now.version),
      },
    ];
  },
});

/** A version and the one before it. */
export const versions = (version: number): { to: string; from?: string } => ({
  to: String(version),
  ...(version > 1 ? { from: String(version - 1) } : {}),
});
