import type { DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import { describe } from '../../../sandbox/cloudwatch/alarm.ts';
import { metricOperations } from '../../../sandbox/cloudwatch/metric-operations.ts';
import { paged, type Answer, type Answers } from './answering.ts';

/** Metrics are computed by the local account's CloudWatch, on the samples the model has published by now. */
const computed =
  (operation: 'GetMetricData' | 'GetMetricStatistics' | 'ListMetrics'): Answer =>
  (input: Readonly<Record<string, unknown>>, { fleet }) => {
    const { account: accountId, region } = fleet.names;
    const clock = { now: () => fleet.now, after: () => () => undefined };
    const caller = { accountId, region, accessKeyId: accountId };
    return metricOperations(fleet.metrics, clock)[operation]!(input, caller) as object;
  };

export const answers: Answers = {
  GetMetricData: computed('GetMetricData'),
  GetMetricStatistics: computed('GetMetricStatistics'),
  ListMetrics: computed('ListMetrics'),

  DescribeAlarms(input: DescribeAlarmsCommandInput, { alarms }) {
    const { AlarmNames, StateValue, AlarmTypes = ['MetricAlarm'], MaxRecords = 50, NextToken } = input;
    const wanted = AlarmTypes.includes('MetricAlarm')
      ? alarms.all.filter(
          ({ name, state }) => (AlarmNames?.includes(name) ?? true) && (!StateValue || state.value === StateValue),
        )
      : [];
    const { items, next } = paged(wanted, NextToken, MaxRecords, 'NextToken');
    return { MetricAlarms: items.map(describe), CompositeAlarms: [], ...next };
  },

  /** Nobody has muted anything. */
  ListAlarmMuteRules: () => ({ AlarmMuteRuleSummaries: [] }),
};
