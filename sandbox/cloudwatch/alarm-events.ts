import type { BusEvent } from '../contract.ts';
import { defined, describe, type Alarm, type AlarmState, type MetricAlarm } from './alarm.ts';
import type { MetricDataQuery } from './queries.ts';
import { stamp } from './reasons.ts';

/** The events that CloudWatch puts on the bus, shaped as its documented samples ("Alarm events and EventBridge"). */

export function stateChangeEvent(alarm: Alarm, previous: AlarmState): BusEvent {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    time: new Date(alarm.state.at),
    detail: {
      alarmName: alarm.name,
      state: { ...stateOf(alarm.state), ...suppressionOf(alarm) },
      previousState: stateOf(previous),
      configuration: defined({ description: alarm.description, ...whatItWatches(alarm) }),
    },
  };
}

export function configurationChangeEvent(
  alarm: Alarm,
  operation: 'create' | 'update' | 'delete',
  at: number,
  previous?: object,
): BusEvent {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm Configuration Change',
    resources: [alarm.arn],
    time: new Date(at),
    detail: defined({
      alarmName: alarm.name,
      operation,
      state: { value: alarm.state.value, timestamp: stamp(alarm.state.at) },
      configuration: configurationOf(alarm),
      previousConfiguration: previous,
    }),
  };
}

/** An alarm's configuration as events carry it. */
export function configurationOf(alarm: Alarm): Readonly<Record<string, unknown>> {
  const c = alarm.kind === 'metric' ? alarm.configuration : undefined;
  return defined({
    evaluationPeriods: c?.EvaluationPeriods,
    datapointsToAlarm: c?.DatapointsToAlarm,
    threshold: c?.Threshold,
    comparisonOperator: c?.ComparisonOperator,
    treatMissingData: c?.TreatMissingData,
    evaluateLowSampleCountPercentile: c?.EvaluateLowSampleCountPercentile,
    ...whatItWatches(alarm),
    alarmName: alarm.name,
    description: alarm.description,
    actionsEnabled: alarm.actionsEnabled,
    timestamp: stamp(alarm.configuredAt),
    okActions: alarm.okActions,
    alarmActions: alarm.alarmActions,
    insufficientDataActions: alarm.insufficientDataActions,
  });
}

const stateOf = (state: AlarmState) =>
  defined({ value: state.value, reason: state.reason, reasonData: state.reasonData, timestamp: stamp(state.at) });

function suppressionOf(alarm: Alarm): Readonly<Record<string, unknown>> {
  if (alarm.kind === 'metric' || !alarm.suppressed) return {};
  return { actionsSuppressedBy: alarm.suppressed.by, actionsSuppressedReason: alarm.suppressed.reason };
}

function whatItWatches(alarm: Alarm): Readonly<Record<string, unknown>> {
  if (alarm.kind === 'metric') return { metrics: metricsOf(alarm) };
  return {
    alarmRule: alarm.ruleText,
    actionsSuppressor: alarm.suppressor?.alarm,
    actionsSuppressorWaitPeriod: alarm.suppressor?.waitPeriod,
    actionsSuppressorExtensionPeriod: alarm.suppressor?.extensionPeriod,
  };
}

function metricsOf(alarm: MetricAlarm): readonly unknown[] {
  const single = alarm.configuration.Metrics === undefined;
  return alarm.queries.queries.map((query) => metricOf(query, single ? alarm.metricId : query.Id));
}

function metricOf(query: MetricDataQuery, id: string): Readonly<Record<string, unknown>> {
  const stat = query.MetricStat;
  const metricStat = stat && {
    metric: {
      dimensions: Object.fromEntries((stat.Metric.Dimensions ?? []).map((d) => [d.Name, d.Value])),
      name: stat.Metric.MetricName,
      namespace: stat.Metric.Namespace,
    },
    period: stat.Period,
    stat: stat.Stat,
    ...(stat.Unit === undefined ? {} : { unit: stat.Unit }),
  };
  return defined({
    expression: query.Expression,
    id,
    label: query.Label,
    metricStat,
    returnData: query.ReturnData ?? true,
  });
}

/** The message of an alarm action to SNS. */
export function notificationOf(alarm: Alarm, previous: AlarmState, place: { accountId: string; regionName: string }) {
  const { value, reason, at } = alarm.state;
  const described = describe(alarm);
  const message = defined({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: place.accountId,
    AlarmConfigurationUpdatedTimestamp: stamp(alarm.configuredAt),
    NewStateValue: value,
    NewStateReason: reason,
    NewStateReasonData: alarm.state.reasonData,
    StateChangeTime: stamp(at),
    Region: place.regionName,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    Trigger: alarm.kind === 'metric' ? triggerOf(alarm) : undefined,
    AlarmRule: described.AlarmRule,
  });
  return {
    subject: `${value}: "${alarm.name}" in ${place.regionName}`.slice(0, 100),
    message: JSON.stringify(message),
  };
}

const STATISTIC_NAMES: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
};

function triggerOf(alarm: MetricAlarm): Readonly<Record<string, unknown>> {
  const c = alarm.configuration;
  return defined({
    MetricName: c.MetricName,
    Namespace: c.Namespace,
    StatisticType: c.Statistic ? 'Statistic' : c.ExtendedStatistic ? 'ExtendedStatistic' : undefined,
    Statistic: c.Statistic && STATISTIC_NAMES[c.Statistic],
    ExtendedStatistic: c.ExtendedStatistic,
    Unit: c.Unit,
    Dimensions: c.Metrics ? undefined : (c.Dimensions ?? []).map((d) => ({ value: d.Value, name: d.Name })),
    Metrics: c.Metrics,
    Period: c.Period,
    EvaluationPeriods: c.EvaluationPeriods,
    DatapointsToAlarm: c.DatapointsToAlarm,
    ComparisonOperator: c.ComparisonOperator,
    Threshold: c.Threshold,
    TreatMissingData: c.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: c.EvaluateLowSampleCountPercentile ?? '',
  });
}
