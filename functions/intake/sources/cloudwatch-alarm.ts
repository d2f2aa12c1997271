import * as z from 'zod';
import { Arn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineSource, Timestamp } from '../source.ts';

const CloudWatchAlarm = Envelope.extend({
  resources: z.tuple([Arn], z.string()),
  detail: z.object({
    alarmName: z.string(),
    state: z.object({
      value: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
      timestamp: Timestamp,
      reason: z.string().default(''),
    }),
  }),
});

/** Target tracking makes alarms of its own, which go to ALARM in normal work. */
export const ownedByAutoScaling = (alarmName: string): boolean => alarmName.startsWith('TargetTracking-');

/** A metric, math or composite alarm changed its state. */
export const source = defineSource({
  name: 'cloudwatch-alarm',
  pattern: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
  event: CloudWatchAlarm,
  read({ id, resources: [alarmArn], detail: { alarmName, state } }) {
    if (ownedByAutoScaling(alarmName)) return { kind: 'ignored', why: 'auto-scaling owns this alarm: evidence only' };
    return {
      kind: 'signal',
      signal: {
        kind: 'alarm',
        id,
        at: state.timestamp,
        summary: `Alarm ${alarmName} went to ${state.value}. ${state.reason}`.trim(),
        alarm: alarmName,
        alarmArn,
        state: state.value,
      },
      about: { alarm: alarmArn },
      effect: state.value === 'ALARM' ? 'opens' : 'joins',
    };
  },
});
