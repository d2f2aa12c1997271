import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, GraphWidget, MathExpression, SingleValueWidget, type Alarm, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { prunellaMetric } from '../metrics.ts';
import type { Signals } from './signals.ts';
import type { StepFunction } from './step-function.ts';

export interface OverviewProps {
  readonly alarms: readonly Alarm[];
  readonly functions: Readonly<Record<string, StepFunction>>;
  readonly signals: Signals;
  readonly machine: StateMachine;
}

const sum = (name: string, label: string, options: { period?: Duration; dimensionsMap?: Record<string, string> } = {}) =>
  prunellaMetric(name, { statistic: 'Sum', period: Duration.minutes(5), label, ...options });
const half = 12;
const day = Duration.days(1);

/** One page: does it heal, how fast, what did it do, and is it well itself. */
export class Overview extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: OverviewProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    this.dashboard.addWidgets(...figures());
    this.dashboard.addWidgets(...incidents());
    this.dashboard.addWidgets(...ourselves(props));
    this.dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Our own failures', alarms: [...props.alarms], width: 24, height: 4 }),
    );
  }
}

function figures() {
  const healed = sum('IncidentsRecoveredByAction', 'healed', { period: day });
  const closed = sum('IncidentsClosed', 'closed', { period: day });
  const rate = new MathExpression({
    expression: 'IF(closed > 0, 100 * healed / closed, 0)',
    usingMetrics: { healed, closed },
    label: 'healing rate (%)',
    period: day,
  });
  const mttr = prunellaMetric('TimeToRecover', { statistic: 'p50', period: day, label: 'MTTR, median (s)' });
  return [
    new SingleValueWidget({ title: 'Today', metrics: [rate, mttr, closed, sum('Escalations', 'escalated', { period: day })], width: 24, height: 4 }),
  ];
}

function incidents() {
  return [
    graph('Incidents', [
      sum('IncidentsOpened', 'opened'),
      sum('IncidentsRecoveredByAction', 'recovered by an action'),
      sum('IncidentsRecoveredOtherwise', 'recovered by itself or a person'),
      sum('Escalations', 'escalated'),
      sum('IncidentsSuppressed', 'suppressed'),
      sum('IncidentsNoise', 'noise'),
    ]),
    graph('Actions', [
      sum('ActionsApplied', 'applied'),
      sum('ActionsUndone', 'undone'),
      sum('UndoFailed', 'undo failed'),
      sum('StormBrake', 'storm brake'),
    ]),
  ];
}

function ourselves({ functions, signals, machine }: OverviewProps) {
  const age = (queue: Signals['signals']) => queue.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(1) });
  const errors = Object.entries(functions).map(([name, { fn }]) => fn.metricErrors({ label: name }));
  return [
    graph('Age of the oldest message (s)', [age(signals.signals).with({ label: 'signals' }), age(signals.changes).with({ label: 'changes' })]),
    graph('Errors of functions and executions', [...errors, machine.metricFailed({ label: 'heal failed' }), machine.metricTimedOut({ label: 'heal timed out' })]),
  ];
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: half, height: 6 });
}
