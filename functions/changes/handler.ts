import { SqsBatch } from '../../layers/core/event.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import type { Instant } from '../../layers/core/units.ts';
import { discoverSome } from '../discover/discover.ts';
import { takeBatch } from './changes.ts';
import { lookWith } from './look.ts';
import type { RecordPorts } from './record.ts';

const ports = (now: () => Instant): RecordPorts => ({
  ...knowledge,
  async discover(arn) {
    // Nothing is forgotten here: what was unknown has no record, and what stays unknown gets none.
    const hasOpenIncident = () => Promise.resolve(true);
    await discoverSome(await readerAws(arn), [arn], { ...knowledge, hasOpenIncident }, now());
  },
});

/** Records deployments, parameter writes and other changes as their events arrive. */
export const handler = lambda('changes', SqsBatch, async ({ Records }, { now, log, metrics }) => {
  const outcomes = await takeBatch(Records, ports(now), lookWith(readerAws));
  const failed = outcomes.filter((outcome) => !outcome.ok);
  for (const { messageId, why } of failed) log.error('change not recorded', { messageId, why });
  const recorded = outcomes.flatMap((outcome) => (outcome.ok ? outcome.recorded : []));
  metrics.addMetric('ChangesRecorded', MetricUnit.Count, recorded.filter((one) => one === 'recorded').length);
  metrics.addMetric('ChangesFailed', MetricUnit.Count, failed.length);
  log.appendKeys({ recorded, failed: failed.length });
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
});
