import * as z from 'zod';
import { Arn } from '../../layers/core/arn.ts';
import { SqsBatch } from '../../layers/core/event.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { putSignals } from '../../layers/runtime/bus.ts';
import { config } from '../../layers/runtime/env.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import { watchBatch } from './watch.ts';

const Message = z.object({ arns: z.array(Arn).min(1) });

/** Takes batches of resources from the queue; answers which messages SQS must deliver again. */
export const handler = lambda('watch', SqsBatch, async ({ Records }, { now, log, metrics }) => {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of Records) {
    try {
      const { arns } = Message.parse(JSON.parse(body));
      const ports = {
        aws: await readerAws(arns[0]!),
        resources: knowledge.recordsOf,
        kept: knowledge.seriesKept,
        keep: knowledge.keepSeries,
        hasten: knowledge.hasten,
        modelsInUse: knowledge.modelsInUse,
        foretoldFailures: knowledge.foretoldFailures,
        rememberFailing: knowledge.rememberFailing,
        tell: putSignals,
        changes: knowledge.changes,
      };
      const watched = await watchBatch(arns, ports, config().watch, now());
      log.appendKeys({ watched });
      metrics.addMetric('SeriesWatched', MetricUnit.Count, watched.series);
      metrics.addMetric('Anomalies', MetricUnit.Count, watched.anomalies);
      metrics.addMetric('Forecasts', MetricUnit.Count, watched.forecasts + watched.failing);
      metrics.addMetric('LimitsReached', MetricUnit.Count, watched.reached);
      metrics.addMetric('OddMessages', MetricUnit.Count, watched.messages);
      metrics.addMetric('ForecastsInVain', MetricUnit.Count, watched.didNot);
    } catch (error) {
      log.error('batch not watched', { messageId, error: error as Error });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
});
