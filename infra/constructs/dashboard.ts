import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  SingleValueWidget,
  type Alarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { EscalationCause } from '../../layers/core/incident.ts';
import { metrics } from '../metrics.ts';
import type { Signals } from './signals.ts';
import type { StepFunction } from './step-function.ts';

export interface OverviewProps {
  readonly alarms: readonly Alarm[];
  readonly functions: Readonly<Record<string, StepFunction>>;
  readonly signals: Signals;
  readonly machine: StateMachine;
}

const half = 12;
const fiveMinutes = Duration.minutes(5);
const day = Duration.days(1);

/** One page: does it heal, how fast, what did it do, and is it well itself. */
export class Overview extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: OverviewProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    this.dashboard.addWidgets(...figures());
    this.dashboard.addWidgets(...incidents(props.functions));
    this.dashboard.addWidgets(...ourselves(props));
    this.dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Our own failures', alarms: [...props.alarms], width: 24, height: 4 }),
    );
  }
}

function figures() {
  const healed = metrics.recovered('action', { period: day });
  const others = {
    itself: metrics.recovered('itself', { period: day }),
    person: metrics.recovered('person', { period: day }),
    escalated: metrics.ended('escalated', { period: day }),
  };
  const rate = new MathExpression({
    // Of the incidents that were real and that it might act on; what was noise, or only watched, is no failure to heal.
    expression: '100 * FILL(healed, 0) / (FILL(healed, 0) + FILL(itself, 0) + FILL(person, 0) + FILL(escalated, 0))',
    usingMetrics: { healed, ...others },
    label: 'healed by an action (%)',
    period: day,
  });
  const mttr = metrics.timeToRecover({ statistic: 'p50', period: day, label: 'MTTR, median (s)' });
  const counts = [healed.with({ label: 'healed' }), others.escalated.with({ label: 'escalated' })];
  return [new SingleValueWidget({ title: 'The last day', metrics: [rate, mttr, ...counts], width: 24, height: 4 })];
}

function incidents({ Recover, Rollback }: OverviewProps['functions']) {
  const each = (label: string) => ({ label, period: fiveMinutes });
  return [
    graph('Incidents', [
      metrics.opened(each('opened')),
      metrics.recovered('action', each('recovered by an action')),
      metrics.recovered('itself', each('recovered by itself')),
      metrics.recovered('person', each('recovered by a person')),
      metrics.ended('escalated', each('escalated')),
      metrics.ended('suppressed', each('suppressed')),
      metrics.ended('noise', each('noise')),
    ]),
    graph(
      'Escalations by cause',
      EscalationCause.options.map((because) => metrics.escalated(because, each(because))),
    ),
    // What was done is counted from the one line that each step logs: a metric for each action would cost, this does not.
    new LogQueryWidget({
      title: 'Actions applied and undone, by verdict',
      logGroupNames: [Recover, Rollback].map((fn) => fn!.fn.logGroup.logGroupName),
      queryLines: ['filter message = "done"', 'stats count(*) as steps by service, verdict', 'sort steps desc'],
      view: LogQueryVisualizationType.TABLE,
      width: 24,
      height: 6,
    }),
  ];
}

function ourselves({ functions, signals, machine }: OverviewProps) {
  const age = (queue: Signals['signals']) =>
    queue.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(1) });
  const errors = Object.entries(functions).map(([name, { fn }]) => fn.metricErrors({ label: name }));
  return [
    graph('Age of the oldest message (s)', [
      age(signals.signals).with({ label: 'signals' }),
      age(signals.changes).with({ label: 'changes' }),
    ]),
    graph('Errors of functions and executions', [
      ...errors,
      machine.metricFailed({ label: 'heal failed' }),
      machine.metricTimedOut({ label: 'heal timed out' }),
    ]),
  ];
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: half, height: 6 });
}
