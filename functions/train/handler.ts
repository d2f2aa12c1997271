import * as z from 'zod';
import { readerAws } from '../../layers/runtime/aws.ts';
import { config } from '../../layers/runtime/env.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import { judgeForetold } from './judge-foretold.ts';
import { trainNext } from './train.ts';

/** Judges the failures that were foretold, then trains what is due: once an hour. */
export const handler = lambda('train', z.unknown(), async (_event, { now, log, metrics }) => {
  const judged = await judgeForetold(kb, now());
  metrics.addMetric('FailuresForetold', MetricUnit.Count, judged.cameTrue);
  metrics.addMetric('FailuresInVain', MetricUnit.Count, judged.didNot);
  const { alertsPerWeek } = config().watch;
  const training = await trainNext({ kb, reader: readerAws, alertsPerWeek, clock: () => performance.now() }, now());
  if (training) metrics.addMetric('ModelsReplaced', MetricUnit.Count, training.replaced ? 1 : 0);
  log.appendKeys({ judged, training });
  return { judged, training };
});
