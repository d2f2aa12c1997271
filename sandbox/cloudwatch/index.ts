import type { LocalService, PutMetrics, SandboxContext, TakeOver } from '../contract.ts';
import { alarmActions, type AlarmActions } from './actions.ts';
import { AlarmBook } from './alarm-book.ts';
import { alarmOperations } from './alarm-operations.ts';
import { onTheGrid, systemClock, type Clock } from './clock.ts';
import { metricOperations } from './metric-operations.ts';
import { MetricStore } from './metric-store.ts';
import { putPoints } from './put-metric-data.ts';
import { storedOperations } from './stored.ts';
import { takeOver } from './take-over.ts';

export type { Clock } from './clock.ts';

const TEN_SECONDS = 10_000;
const MINUTE = 60_000;
/** How long after the end of a period alarms are evaluated, so that what is published at its end is counted. */
const EVALUATION_DELAY = 3_000;

/** CloudWatch of the local account: metrics, alarms, dashboards. */
export interface CloudWatch {
  readonly service: LocalService;
  readonly takeOver: TakeOver;
  readonly putMetrics: PutMetrics;
}

/**
 * Starts CloudWatch: alarms with periods under a minute are evaluated every 10 seconds, all others every minute.
 *
 * @param actions carries out alarm actions; SNS through the account's endpoint unless a test gives its own
 */
export function startCloudWatch(
  context: Omit<SandboxContext, 'putMetrics'>,
  clock: Clock = systemClock,
  actions: AlarmActions = alarmActions(context),
): CloudWatch {
  const store = new MetricStore();
  const book = new AlarmBook({
    clock,
    publish: context.publish,
    act: (action, alarm, previous) => actions.act(action, alarm, previous),
    log: context.log,
  });
  const put = () => ({ book, store, place: context, now: clock.now() });
  const operations = {
    ...metricOperations(store, clock),
    ...alarmOperations(book, put),
    ...storedOperations(context, book, clock),
  };
  const stopEvaluating = evaluateRegularly(clock, store, book);
  return {
    service: {
      signingName: 'monitoring',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      operations,
      stop() {
        stopEvaluating();
        actions.close();
        return Promise.resolve();
      },
    },
    takeOver: takeOver({
      book,
      put,
      log: context.log,
      putDashboard: (DashboardName, DashboardBody) =>
        void operations.PutDashboard!({ DashboardName, DashboardBody }, nobody(context)),
    }),
    putMetrics: (points) => putPoints(store, points, clock.now() / 1000),
  };
}

function evaluateRegularly(clock: Clock, store: MetricStore, book: AlarmBook): () => void {
  return onTheGrid(clock, TEN_SECONDS, EVALUATION_DELAY, (at) => {
    const fullMinute = (at - EVALUATION_DELAY) % MINUTE === 0;
    if (fullMinute) store.forget(at / 1000);
    book.evaluate(fullMinute ? 'all' : 'high-resolution');
  });
}

const nobody = (context: Pick<SandboxContext, 'accountId' | 'region'>) => ({
  accountId: context.accountId,
  region: context.region,
  accessKeyId: context.accountId,
});
