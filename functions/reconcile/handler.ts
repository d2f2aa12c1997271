import * as z from 'zod';
import { addSeconds } from '../../layers/core/units.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { config } from '../../layers/runtime/env.ts';
import { executionState, startExecution } from '../../layers/runtime/executions.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { lambda, MetricUnit, type LambdaContext } from '../../layers/runtime/lambda.ts';
import { runtime } from '../../layers/runtime/runtime.ts';
import { notifyEscalation } from '../escalate/notify.ts';
import { undoAttempt } from '../rollback/undo.ts';
import { readAlarming } from './alarming.ts';
import type { Alarming, Reconciling } from './duty.ts';
import { reconcile } from './reconcile.ts';

/** The schedule, or an execution that failed, timed out or was aborted: either way, everything is looked at. */
const ReconcileEvent = z.object({ 'detail-type': z.string().default('by hand') });

/** Seconds kept free for writing down what was done. */
const MARGIN = 30;

function reconciling({ now, deadline, metrics }: LambdaContext): Reconciling {
  let alarms: Promise<readonly Alarming[]> | undefined;
  return {
    now,
    deadline: addSeconds(deadline, -MARGIN),
    policy: config().policy,
    kb,
    newId: () => runtime().ulid(),
    alarming: () => (alarms ??= readerAws(config().healArn).then(readAlarming)),
    executions: { start: startExecution, state: executionState },
    reader: readerAws,
    undo: (incident, attempt) => undoAttempt(incident, attempt, kb, now, deadline),
    notify: (incident, { because, why }) => notifyEscalation({ incident, because, why: [why], now: now() }, kb),
    escalated(because) {
      const metric = metrics.singleMetric();
      metric.addDimension('because', because);
      metric.addMetric('Escalated', MetricUnit.Count, 1);
    },
  };
}

/** Compares what is with what should be. Events make Prunella quick; this makes it right. */
export const handler = lambda('reconcile', ReconcileEvent, async (event, context) => {
  const done = await reconcile(reconciling(context));
  const [did, left] = [done.flatMap((duty) => duty.did), done.flatMap((duty) => duty.left)];
  context.metrics.addMetric('Reconciled', MetricUnit.Count, did.length);
  context.metrics.addMetric('LeftForNextRun', MetricUnit.Count, left.length);
  context.log.appendKeys({
    because: event['detail-type'],
    duties: done.filter((duty) => duty.did.length + duty.left.length > 0),
  });
  return { did, left };
});
