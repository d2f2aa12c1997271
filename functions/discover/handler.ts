import * as z from 'zod';
import { Arn } from '../../layers/core/arn.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import '../../layers/runtime/clients/tagging.ts';
import '../../layers/runtime/clients/xray.ts';
import { config } from '../../layers/runtime/env.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import { discoverAll, discoverSome } from './discover.ts';
import { inventoryPorts } from './ports.ts';

const TagChange = z.object({ 'detail-type': z.literal('Tag Change on Resource'), resources: z.array(Arn) });

/**
 * `Tag Change on Resource` names what to look at again, and comes through a queue: a deployment may tag hundreds at once, and each
 * look reads the account's alarms and target groups. The schedule names nothing: look at everything.
 */
const DiscoverEvent = z.union([
  z.object({
    Records: z.array(
      z.object({
        body: z
          .string()
          .transform((text): unknown => JSON.parse(text))
          .pipe(TagChange),
      }),
    ),
  }),
  z.object({ 'detail-type': z.literal('Scheduled Event') }),
  z.object({ arns: z.array(Arn).optional() }).strict(),
]);

const arnsOf = (event: z.infer<typeof DiscoverEvent>): readonly Arn[] | undefined =>
  'Records' in event ? event.Records.flatMap(({ body }) => body.resources) : 'arns' in event ? event.arns : undefined;

/** Writes the inventory: of everything watched, or of the resources an event names. */
export const handler = lambda('discover', DiscoverEvent, async (event, { now, log, metrics }) => {
  const aws = await readerAws(config().healArn);
  const arns = arnsOf(event);
  const found = await (arns ? discoverSome(aws, arns, inventoryPorts, now()) : discoverAll(aws, inventoryPorts, now()));
  log.appendKeys({ ...found, asked: arns ?? 'everything' });
  if (!arns) {
    metrics.addMetric('ResourcesWatched', MetricUnit.Count, found.watched);
    metrics.addMetric('AlarmsUnresolved', MetricUnit.Count, found.unresolved);
  }
  return found;
});
