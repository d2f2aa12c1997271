import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsClient } from '../core/aws.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';

const queues = through('queues', () => new SQSClient(clientDefaults()) as AwsClient);

/** SendMessageBatch takes ten messages a call. */
const MESSAGES_A_CALL = 10;

/** Sends each as one message of JSON. @throws Error when the queue did not take all of them: those it took may be sent again */
export async function sendAll(queueUrl: string, messages: readonly object[]): Promise<void> {
  for (let start = 0; start < messages.length; start += MESSAGES_A_CALL) {
    const batch = messages.slice(start, start + MESSAGES_A_CALL);
    const Entries = batch.map((message, n) => ({ Id: String(n), MessageBody: JSON.stringify(message) }));
    const { Failed = [] } = await queues.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0)
      throw new Error(
        `${queueUrl} did not take ${Failed.length} of ${batch.length} messages: ${Failed.map(({ Code, Message }) => `${Code} ${Message ?? ''}`).join('; ')}`,
      );
  }
}
