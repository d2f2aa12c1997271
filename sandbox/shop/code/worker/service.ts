import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setting } from '../lib/config.ts';
import { logError, logInfo } from '../lib/log.ts';
import { Metrics } from '../lib/metrics.ts';

export interface Order {
  readonly customer: number;
  readonly items: number;
  readonly total: number;
}

export interface WorkerCode {
  /** The address label of an order. */
  readonly labelFor: (order: Order) => string;
}

const sqs = new SQSClient({});
const table = new DynamoDBClient({});
const metrics = new Metrics(setting('SERVICE'), Number(process.env['MEMORY_LIMIT'] ?? 0));

/** Takes orders off the queue until SIGTERM. What fails stays on the queue and comes again. */
export function startWorker({ labelFor }: WorkerCode): void {
  metrics.start();
  logInfo('service started', { service: setting('SERVICE') });
  process.once('SIGTERM', () => process.exit(0)); // what is unfinished becomes visible again
  void work(labelFor);
}

async function work(labelFor: WorkerCode['labelFor']): Promise<never> {
  for (;;) {
    const messages = await receive();
    await Promise.all(messages.map((message) => fulfil(message, labelFor)));
  }
}

async function receive(): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: setting('QUEUE_URL'),
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 5,
  });
  try {
    return (await sqs.send(command)).Messages ?? [];
  } catch (error) {
    logError('queue could not be read', error);
    await sleep(2_000);
    return [];
  }
}

async function fulfil(message: Message, labelFor: WorkerCode['labelFor']): Promise<void> {
  const began = performance.now();
  try {
    const order = JSON.parse(message.Body ?? '') as Order;
    await sleep(40 + 20 * order.items);
    const item = { pk: { S: randomUUID() }, label: { S: labelFor(order) }, total: { N: String(order.total) } };
    await table.send(new PutItemCommand({ TableName: setting('TABLE'), Item: item }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl: setting('QUEUE_URL'), ReceiptHandle: message.ReceiptHandle }));
    metrics.count(performance.now() - began, false);
  } catch (error) {
    logError('order could not be processed', error, { messageId: message.MessageId });
    metrics.count(performance.now() - began, true);
  }
}
