import { SqsBatch } from '../../layers/core/event.ts';
import { startExecution } from '../../layers/runtime/executions.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { lambda, MetricUnit, type LambdaContext } from '../../layers/runtime/lambda.ts';
import { runtime } from '../../layers/runtime/runtime.ts';
import type { Instant } from '../../layers/core/units.ts';
import { takeBatch, toRetry, type Fate, type IntakePorts, type Outcome } from './intake.ts';

const ports = (now: () => Instant): IntakePorts => ({
  now,
  resourceOfAlarm: knowledge.resourceOfAlarm,
  resource: knowledge.resource,
  openOrJoin: (signal, resource) => incidents.openOrJoin(signal, resource, () => runtime().ulid(), now()),
  join: (signal, resource) => incidents.joinOpen(signal, resource, now()),
  async start(incidentId) {
    const { executionArn } = await startExecution(incidentId);
    await incidents.markOpen(incidentId, executionArn);
  },
});

/** The metric that counts each fate. */
const METRIC: Readonly<Record<Fate, string>> = {
  opened: 'IncidentsOpened',
  joined: 'SignalsJoined',
  parked: 'SignalsParked',
  duplicate: 'SignalsDuplicate',
  ignored: 'SignalsIgnored',
  change: 'SignalsIgnored',
  unwatched: 'SignalsUnwatched',
  'nothing-open': 'SignalsIgnored',
  malformed: 'SignalsMalformed',
  failed: 'SignalsFailed',
};

function report(outcomes: readonly Outcome[], { log, metrics }: LambdaContext): void {
  for (const { fate, incidentId } of outcomes) {
    metrics.addMetric(METRIC[fate], MetricUnit.Count, 1);
    if (incidentId) metrics.addMetadata('incidentId', incidentId);
  }
  for (const { messageId, fate, why } of outcomes) {
    if (fate === 'malformed' || fate === 'failed') log.error('message not taken', { messageId, fate, why });
  }
  log.appendKeys({ outcomes });
}

/** Takes a batch of EventBridge events from the queue; answers which messages SQS must deliver again. */
export const handler = lambda('intake', SqsBatch, async ({ Records }, context) => {
  const outcomes = await takeBatch(Records, ports(context.now));
  report(outcomes, context);
  return { batchItemFailures: toRetry(outcomes).map((itemIdentifier) => ({ itemIdentifier })) };
});
