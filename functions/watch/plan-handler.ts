import * as z from 'zod';
import { config } from '../../layers/runtime/env.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import { sendAll } from '../../layers/runtime/queue.ts';
import { tick } from './plan.ts';

/** Sends what is due to be watched to the queue: once a minute. */
export const handler = lambda('watch-plan', z.unknown(), async (_event, { now, log, metrics }) => {
  const ports = {
    listedArns: knowledge.listedArns,
    allResources: knowledge.allResources,
    watches: knowledge.watches,
    putWatches: knowledge.putWatches,
    send: (messages: readonly object[]) => sendAll(config().watchQueueUrl, messages),
  };
  const planned = await tick(ports, config().watch, now());
  log.appendKeys({ planned });
  metrics.addMetric('ResourcesDue', MetricUnit.Count, planned.sent);
  return planned;
});
