import {
  DescribeAlarmsCommand,
  type CompositeAlarm,
  type MetricAlarm,
  type MetricDataQuery,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../../layers/core/aws.ts';
import type { AlarmFacts, AlarmQuery, CompositeAlarmFacts, MetricAlarmFacts } from '../facts.ts';
import { everyPage } from '../pool.ts';

/** All alarms, 100 a call; or only those in one state. */
export async function readAlarms(
  aws: Aws,
  state?: StateValue,
): Promise<{ metric: MetricAlarm[]; composite: CompositeAlarm[] }> {
  const pages = await everyPage(async (NextToken) => {
    const answer = await aws.cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
        ...(state ? { StateValue: state } : {}),
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    return { items: [answer], next: answer.NextToken };
  });
  return {
    metric: pages.flatMap(({ MetricAlarms = [] }) => MetricAlarms),
    composite: pages.flatMap(({ CompositeAlarms = [] }) => CompositeAlarms),
  };
}

export async function readAlarmFacts(aws: Aws): Promise<AlarmFacts[]> {
  const { metric, composite } = await readAlarms(aws);
  return [...metric.map(metricAlarmFacts), ...composite.map(compositeAlarmFacts)];
}

/** Auto-scaling's own: it only scales, and tells nobody. Target tracking names its alarms; step scaling's have any name. */
export function scalesOnly({ AlarmName = '', AlarmActions = [] }: MetricAlarm | CompositeAlarm): boolean {
  if (AlarmName.startsWith('TargetTracking-')) return true;
  return AlarmActions.length > 0 && AlarmActions.every((action) => action.includes(':autoscaling:'));
}

/** A monitoring account's alarm may read another account's metrics, of resources that may have the names of ours. */
const readsElsewhere = ({ Metrics = [], AlarmArn = '' }: MetricAlarm): boolean =>
  Metrics.some(({ AccountId }) => AccountId !== undefined && AccountId !== AlarmArn.split(':')[4]);

/** Pure: a metric or math alarm as the mapping wants it. */
export function metricAlarmFacts(alarm: MetricAlarm): MetricAlarmFacts {
  const elsewhere = readsElsewhere(alarm);
  const queries = elsewhere
    ? []
    : alarm.Metrics?.length
      ? alarm.Metrics.flatMap((query) => queryFrom(query, alarm))
      : ownQuery(alarm);
  const returns = alarm.Metrics?.find(({ ReturnData }) => ReturnData !== false)?.Id ?? queries[0]?.id ?? '';
  return {
    kind: queries.length === 1 && 'metric' in queries[0]! ? 'metric' : 'math',
    arn: alarm.AlarmArn ?? '',
    name: alarm.AlarmName ?? '',
    scalesOnly: scalesOnly(alarm),
    ...(elsewhere && { elsewhere }),
    queries,
    returns,
    comparison: alarm.ComparisonOperator ?? '',
    ...(alarm.Threshold === undefined || alarm.ThresholdMetricId ? {} : { threshold: alarm.Threshold }),
    period: queries.find(({ id }) => id === returns)?.period ?? 60,
    missing: alarm.TreatMissingData ?? 'missing',
  };
}

export function compositeAlarmFacts(alarm: CompositeAlarm): CompositeAlarmFacts {
  const { AlarmArn: arn = '', AlarmName: name = '', AlarmRule: rule = '' } = alarm;
  return { kind: 'composite', arn, name, scalesOnly: scalesOnly(alarm), rule };
}

type Dimension = { readonly Name?: string | undefined; readonly Value?: string | undefined };
const record = (dimensions: readonly Dimension[] = []): Record<string, string> =>
  Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));

function ownQuery(alarm: MetricAlarm): AlarmQuery[] {
  if (!alarm.MetricName || !alarm.Namespace) return [];
  const stat = alarm.ExtendedStatistic ?? alarm.Statistic ?? 'Average';
  const { Namespace: namespace, MetricName: metric, Period: period = 60 } = alarm;
  return [{ id: 'm1', namespace, metric, dimensions: record(alarm.Dimensions), stat, period }];
}

/** CloudWatch takes an expression's period from its metrics when it has none of its own. */
function queryFrom({ Id: id = '', MetricStat, Expression, Period }: MetricDataQuery, alarm: MetricAlarm): AlarmQuery[] {
  if (Expression) return [{ id, expression: Expression, period: Period ?? longestPeriod(alarm) }];
  const { Namespace: namespace, MetricName: metric, Dimensions } = MetricStat?.Metric ?? {};
  if (!namespace || !metric) return [];
  const { Period: period = 60, Stat: stat = 'Average' } = MetricStat ?? {};
  return [{ id, namespace, metric, dimensions: record(Dimensions), stat, period }];
}

const longestPeriod = ({ Metrics = [] }: MetricAlarm): number =>
  Math.max(0, ...Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0)) || 60;
