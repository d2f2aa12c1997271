import * as z from 'zod';
import { readerAws } from '../../layers/runtime/aws.ts';
import { config } from '../../layers/runtime/env.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import { judgeForetold } from './judge-foretold.ts';
import { trainFaults } from './train-faults.ts';
import { trainSequences } from './train-sequences.ts';
import { trainNext } from './train.ts';

/** What Train needs of the knowledge base, and no more: the rest would be loaded with it. */
const kb = { incidents, knowledge };

/** Judges the failures that were foretold, then learns what is due: the order of troubles, failure models and the fault model. Once an hour. */
export const handler = lambda('train', z.unknown(), async (_event, { now, log, metrics }) => {
  const judged = await judgeForetold(kb, now());
  metrics.addMetric('FailuresForetold', MetricUnit.Count, judged.cameTrue);
  metrics.addMetric('FailuresInVain', MetricUnit.Count, judged.didNot);
  const order = await trainSequences(kb, now());
  const { alertsPerWeek } = config().watch;
  const ports = { kb, reader: readerAws, alertsPerWeek, clock: () => performance.now() };
  const training = await trainNext(ports, now());
  const faults = await trainFaults(ports, now());
  const trained = [training, faults].filter((one) => one !== undefined);
  if (trained.length > 0)
    metrics.addMetric('ModelsReplaced', MetricUnit.Count, trained.filter(({ replaced }) => replaced).length);
  const learned = order && { sequences: order.sequences.length, daily: order.daily.length, tested: order.tested };
  log.appendKeys({ judged, learned, training, faults });
  return { judged, learned, training, faults };
});
