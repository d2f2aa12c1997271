import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../layers/core/aws.ts';
import { readAlarms, scalesOnly } from '../discover/read/alarms.ts';
import type { Alarming } from './duty.ts';

/** The alarms in ALARM, without those that auto-scaling owns. */
export async function readAlarming(aws: Aws): Promise<Alarming[]> {
  const { metric, composite } = await readAlarms(aws, 'ALARM');
  return [...metric, ...composite].flatMap((alarm) => (scalesOnly(alarm) ? [] : alarmingFrom(alarm)));
}

function alarmingFrom(alarm: MetricAlarm | CompositeAlarm): Alarming[] {
  const { AlarmArn: arn, AlarmName: name, StateReason: reason = '' } = alarm;
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  return arn && name && since ? [{ arn, name, since: since.toISOString(), reason }] : [];
}
