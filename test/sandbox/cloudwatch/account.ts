import type { BusEvent, DeployedResource } from '../../../sandbox/contract.ts';
import { startCloudWatch } from '../../../sandbox/cloudwatch/index.ts';
import { VirtualClock } from './virtual-clock.ts';

export const START = '2026-03-02T10:00:00.000Z';
const CALLER = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '123456789012' };

type Answer = Readonly<Record<string, any>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- answers are checked by each test

/** A CloudWatch in virtual time, with what it published and did written down. */
export function account(start = START) {
  const clock = new VirtualClock(start);
  const events: BusEvent[] = [];
  const lines: string[] = [];
  const actions: { action: string; alarm: string; state: string }[] = [];
  const cloudWatch = startCloudWatch(
    {
      accountId: CALLER.accountId,
      region: CALLER.region,
      endpoint: 'http://127.0.0.1:1',
      publish: (event) => void events.push(event),
      putLogLines: () => undefined,
      log: (line) => void lines.push(line),
    },
    clock,
    {
      act: (action, alarm) => {
        actions.push({ action, alarm: alarm.name, state: alarm.state.value });
        return Promise.resolve();
      },
      close: () => undefined,
    },
  );
  return {
    clock,
    events,
    lines,
    actions,
    cloudWatch,
    call: (operation: string, input: unknown = {}): Answer =>
      cloudWatch.service.operations[operation]!(input, CALLER) as Answer,
    /** Publishes one value of a metric now. */
    put: (
      metricName: string,
      value: number,
      dimensions: Readonly<Record<string, string>> = {},
      namespace = 'Shop',
    ): void => cloudWatch.putMetrics([{ namespace, metricName, dimensions, value }]),
    state(alarm: string): string | undefined {
      const found = this.call('DescribeAlarms', { AlarmNames: [alarm], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
      return [...found.MetricAlarms, ...found.CompositeAlarms][0]?.StateValue as string | undefined;
    },
    /** Events of a kind about one alarm. */
    eventsOf: (alarm: string, detailType = 'CloudWatch Alarm State Change') =>
      events.filter((e) => e.detailType === detailType && e.detail.alarmName === alarm),
  };
}

/** An alarm on one metric, above 50 on average over a minute; `more` changes it. */
export const alarmInput = (more: Readonly<Record<string, unknown>> = {}) => ({
  AlarmName: 'TooHigh',
  Namespace: 'Shop',
  MetricName: 'Latency',
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold',
  ...more,
});

export const deployed = (
  type: string,
  properties: Readonly<Record<string, unknown>>,
  name: string,
): DeployedResource => ({
  stackName: 'Shop',
  logicalId: `Logical${name}`,
  physicalId: name,
  type,
  properties,
  tags: {},
});

export const start = new Date(START);
export const seconds = start.getTime() / 1000;
export const later = (s: number) => new Date(start.getTime() + s * 1000);

/** An account with metrics, alarms of both kinds, a dashboard and a mute rule. */
export function full() {
  const aws = account();
  aws.call('PutMetricAlarm', alarmInput({ AlarmDescription: 'too slow', Tags: [{ Key: 'team', Value: 'shop' }] }));
  aws.call('PutMetricAlarm', {
    AlarmName: 'Math',
    EvaluationPeriods: 1,
    Threshold: 5,
    ComparisonOperator: 'GreaterThanThreshold',
    Metrics: [
      { Id: 'e1', Expression: 'm1 * 2' },
      {
        Id: 'm1',
        ReturnData: false,
        MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Latency' }, Period: 60, Stat: 'p90' },
      },
    ],
  });
  aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule: 'ALARM(TooHigh) OR ALARM(Math)' });
  aws.call('PutDashboard', { DashboardName: 'Shop', DashboardBody: '{"widgets":[]}' });
  aws.call('PutAlarmMuteRule', {
    Name: 'Night',
    Rule: { Schedule: { Expression: 'cron(0 2 * * *)', Duration: 'PT4H' } },
  });
  for (const value of [60, 80, 100]) aws.put('Latency', value);
  aws.clock.pass(65);
  return aws;
}

export const window = { StartTime: start, EndTime: later(300) };
export const latency = { Metric: { Namespace: 'Shop', MetricName: 'Latency' }, Period: 60, Stat: 'Average' };
