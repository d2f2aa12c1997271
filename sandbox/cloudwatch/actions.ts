import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

import type { SandboxContext } from '../contract.ts';
import type { Alarm, AlarmState } from './alarm.ts';
import { notificationOf } from './alarm-events.ts';

const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-west-2': 'US West (Oregon)',
  'eu-west-1': 'EU (Ireland)',
  'eu-central-1': 'EU (Frankfurt)',
};

export interface AlarmActions {
  act(action: string, alarm: Alarm, previous: AlarmState): Promise<void>;
  close(): void;
}

/** Carries out alarm actions: notifies SNS topics. Every other kind of action is refused by name, and so recorded. */
export function alarmActions(context: Pick<SandboxContext, 'accountId' | 'region' | 'endpoint'>): AlarmActions {
  let client: SNSClient | undefined;
  const sns = (): SNSClient =>
    (client ??= new SNSClient({
      region: context.region,
      endpoint: context.endpoint,
      credentials: { accessKeyId: context.accountId, secretAccessKey: 'local' },
    }));
  return {
    async act(action, alarm, previous) {
      if (!action.startsWith('arn:aws:sns:'))
        throw new Error(`only SNS topics are supported as alarm actions, got ${action}`);
      const place = { accountId: context.accountId, regionName: REGION_NAMES[context.region] ?? context.region };
      const { subject, message } = notificationOf(alarm, previous, place);
      await sns().send(new PublishCommand({ TopicArn: action, Subject: subject, Message: message }));
    },
    close: () => client?.destroy(),
  };
}
