import { Duration, Tags } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ABOUT_NOTHING, TAGS } from '../../layers/core/mode.ts';
import { metrics } from '../metrics.ts';
import type { Signals } from './signals.ts';
import type { StepFunction } from './step-function.ts';

export interface AlarmsProps {
  readonly topic: ITopic;
  /** Where the runbook is, without the anchor. */
  readonly runbook: string;
  readonly functions: Readonly<Record<string, StepFunction>>;
  readonly signals: Signals;
  readonly machine: StateMachine;
}

interface Failure {
  /** Heading of the runbook that says what to do, as an anchor. */
  readonly anchor: string;
  readonly means: string;
  readonly metric: IMetric;
  /** Fires from this on; default 1. */
  readonly from?: number;
  /** Periods in a row; default 1. */
  readonly periods?: number;
  /** The failure is that nothing comes: fires below `from`, and on missing data. */
  readonly silence?: boolean;
}

const fiveMinutes = { statistic: 'Sum', period: Duration.minutes(5) };

/** An alarm on each of our own failures: who watches the healer. Each says what it means and where the way out is. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const failures = {
      ...queueFailures(props.signals),
      ...executionFailures(props.machine),
      ...domainFailures(props.functions['Reconcile']!, props.functions['WatchPlan']!, props.functions['Probe']!),
      ...functionFailures(props.functions),
    };
    this.alarms = Object.entries(failures).map(([name, failure]) => this.#make(name, failure, props));
  }

  #make(name: string, failure: Failure, { topic, runbook }: AlarmsProps): Alarm {
    const { anchor, means, metric, from = 1, periods = 1, silence = false } = failure;
    const alarm = new Alarm(this, name, {
      alarmDescription: `${means} What to do: ${runbook}#${anchor}`,
      metric,
      threshold: from,
      evaluationPeriods: periods,
      comparisonOperator: silence
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: silence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    Tags.of(alarm).add(TAGS.resource, ABOUT_NOTHING); // it does not heal itself
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  }
}

function queueFailures({ signals, changes, watches, undelivered }: Signals): Record<string, Failure> {
  const waiting = { statistic: 'Maximum', period: Duration.minutes(1) };
  return {
    SignalsDead: {
      anchor: 'signals-not-understood',
      means:
        'A signal could not be processed five times and lies in the dead-letter queue: an incident may not have been opened.',
      metric: signals.dead.metricApproximateNumberOfMessagesVisible(waiting),
    },
    SignalsLate: {
      anchor: 'signals-late',
      means: 'Signals wait for more than two minutes before they are taken: healing begins late.',
      metric: signals.queue.metricApproximateAgeOfOldestMessage(waiting),
      from: 120,
      periods: 3,
    },
    ChangesDead: {
      anchor: 'changes-not-recorded',
      means: 'A change could not be recorded five times and lies in the dead-letter queue: a diagnosis may not see it.',
      metric: changes.dead.metricApproximateNumberOfMessagesVisible(waiting),
    },
    WatchesDead: {
      anchor: 'watch-failed',
      means:
        'Resources could not be watched five times and lie in the dead-letter queue: what they foretell or show unusual is seen at their next turn, if that works.',
      metric: watches.dead.metricApproximateNumberOfMessagesVisible(waiting),
    },
    Undelivered: {
      anchor: 'events-not-delivered',
      means: 'An event could not be delivered, or discover or reconcile failed each time they were tried.',
      metric: undelivered.metricApproximateNumberOfMessagesVisible(waiting),
    },
  };
}

function executionFailures(machine: StateMachine): Record<string, Failure> {
  const after = 'Reconcile brings what it left behind to its end; this says that it had to.';
  return {
    HealFailed: {
      anchor: 'execution-failed',
      means: `An incident's execution failed. ${after}`,
      metric: machine.metricFailed(fiveMinutes),
    },
    HealTimedOut: {
      anchor: 'execution-timed-out',
      means: `An incident's execution ran into its time limit. ${after}`,
      metric: machine.metricTimedOut(fiveMinutes),
    },
    HealAborted: {
      anchor: 'execution-aborted',
      means: `Someone stopped an incident's execution. ${after}`,
      metric: machine.metricAborted(fiveMinutes),
    },
  };
}

function domainFailures(
  reconcile: StepFunction,
  watchPlan: StepFunction,
  probe: StepFunction,
): Record<string, Failure> {
  return {
    ReconcileSilent: {
      anchor: 'reconcile-not-running',
      means: 'Reconcile has not run for a quarter of an hour: what is left behind stays behind.',
      metric: reconcile.fn.metricInvocations(fiveMinutes),
      periods: 3,
      silence: true,
    },
    WatchSilent: {
      anchor: 'watch-not-running',
      means: 'Nothing was sent to be watched for a quarter of an hour: nothing is foretold, and no anomaly is seen.',
      metric: watchPlan.fn.metricInvocations(fiveMinutes),
      periods: 3,
      silence: true,
    },
    ProbeSilent: {
      anchor: 'probe-not-running',
      means:
        'No health check was made for a quarter of an hour: what has no metrics may be down without anybody knowing.',
      metric: probe.fn.metricInvocations(fiveMinutes),
      periods: 3,
      silence: true,
    },
    ProbesSkipped: {
      anchor: 'probes-skipped',
      means:
        'For a quarter of an hour there was not time enough to make every health check that was due: some are made less often than their owners asked.',
      metric: metrics.probesSkipped(fiveMinutes),
      periods: 3,
    },
    UndoFailed: {
      anchor: 'undo-failed',
      means:
        'A change that did not help could not be undone. The resource is frozen: nothing touches it until a person unfreezes it.',
      metric: metrics.escalated('undo-failed', fiveMinutes),
    },
    StormBrake: {
      anchor: 'storm-brake',
      means: 'Too much is in trouble at once: no automatic action is taken in the fleet until the brake releases.',
      metric: metrics.escalated('brake', fiveMinutes),
    },
    AuditBroken: {
      anchor: 'audit-trail-broken',
      means: 'An audit trail does not fit together: an entry is missing, or was changed after it was written.',
      metric: metrics.auditBroken(fiveMinutes),
    },
  };
}

function functionFailures(functions: AlarmsProps['functions']): Record<string, Failure> {
  const all = Object.entries(functions).map(([name, { fn }]): [string, Failure] => [
    `${name}Errors`,
    {
      anchor: 'function-errors',
      means: `The function ${name} failed.`,
      metric: fn.metricErrors(fiveMinutes) satisfies Metric,
    },
  ]);
  return Object.fromEntries(all);
}
