import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setting } from '../lib/config.ts';
import { writeToLedger } from '../lib/ledger.ts';
import { logError, logInfo } from '../lib/log.ts';
import { Metrics } from '../lib/metrics.ts';
import { segment, subsegment } from '../lib/trace.ts';

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
    await Promise.all(messages.map((message) => traced(() => fulfil(message, labelFor))));
  }
}

/** A message begins a trace of its own: it does not say of which one it is a part. */
const traced = (fulfilling: () => Promise<boolean>): Promise<boolean> =>
  segment(setting('SERVICE'), undefined, fulfilling, (done) => !done);

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

/** @returns whether it is done */
async function fulfil(message: Message, labelFor: WorkerCode['labelFor']): Promise<boolean> {
  const began = performance.now();
  try {
    const order = JSON.parse(message.Body ?? '') as Order;
    await sleep(40 + 20 * order.items);
    const item = { pk: { S: randomUUID() }, label: { S: labelFor(order) }, total: { N: String(order.total) } };
    await writeToLedger({ total: order.total });
    await store(item);
    await takeOff(message);
    metrics.count(performance.now() - began, false);
    return true;
  } catch (error) {
    logError('order could not be processed', error, { messageId: message.MessageId });
    metrics.count(performance.now() - began, true);
    return false;
  }
}

async function store(Item: Record<string, AttributeValue>): Promise<void> {
  const TableName = setting('TABLE');
  const made = { name: 'DynamoDB', namespace: 'aws', aws: { operation: 'PutItem', table_name: TableName } } as const;
  await subsegment(made, () => table.send(new PutItemCommand({ TableName, Item })));
}

async function takeOff({ ReceiptHandle }: Message): Promise<void> {
  const QueueUrl = setting('QUEUE_URL');
  const made = { name: 'SQS', namespace: 'aws', aws: { operation: 'DeleteMessage', queue_url: QueueUrl } } as const;
  await subsegment(made, () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })));
}
