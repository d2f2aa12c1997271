import type { MetricPoint } from '../contract.ts';

/** A message as the emulator lists it, without receiving it. Times in epoch seconds. */
export interface PeekedMessage {
  readonly SentTimestamp: number;
  readonly IsVisible: boolean;
  readonly ReceiveCount: number;
}

/** Messages by queue URL. */
export type PeekedQueues = Readonly<Record<string, readonly PeekedMessage[]>>;

/**
 * All messages of an account's queues, from the emulator's own listing: SQS itself cannot say how old its oldest message
 * is without receiving it.
 *
 * @throws Error when the emulator does not answer
 */
export async function peekQueues(emulatorUrl: string, accountId: string, region: string): Promise<PeekedQueues> {
  const url = new URL(`/_ministack/sqs/messages?account=${accountId}&region=${region}`, emulatorUrl);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the emulator answered ${response.status} to a listing of its queues`);
  const { messages } = (await response.json()) as { messages: Record<string, Record<string, PeekedQueues>> };
  return messages[accountId]?.[region] ?? {};
}

/** The metrics of AWS/SQS for one minute. `now` and `timestamp` differ: a minute is published once it is over. */
export function pointsOfQueues(queues: PeekedQueues, now: Date, timestamp: Date): readonly MetricPoint[] {
  return Object.entries(queues).flatMap(([url, messages]) => {
    const visible = messages.filter((m) => m.IsVisible);
    const hidden = messages.filter((m) => !m.IsVisible);
    const delayed = hidden.filter((m) => m.ReceiveCount === 0);
    const oldest = messages.reduce((time, m) => Math.min(time, m.SentTimestamp), Infinity);
    const age = messages.length === 0 ? 0 : Math.max(0, Math.round(now.getTime() / 1000 - oldest));
    const values = [
      ['ApproximateNumberOfMessagesVisible', visible.length, 'Count'],
      ['ApproximateNumberOfMessagesNotVisible', hidden.length - delayed.length, 'Count'],
      ['ApproximateNumberOfMessagesDelayed', delayed.length, 'Count'],
      ['ApproximateAgeOfOldestMessage', age, 'Seconds'],
    ] as const;
    const dimensions = { QueueName: url.split('/').at(-1)! };
    return values.map(([metricName, value, unit]) => ({
      namespace: 'AWS/SQS',
      metricName,
      dimensions,
      value,
      unit,
      timestamp,
    }));
  });
}
