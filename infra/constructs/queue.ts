import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { StepFunction } from './step-function.ts';

export interface InboxOptions {
  /**
   * Runs at once, 2 or more. Without a bound a storm would take the account's concurrency from the very functions that are
   * in trouble, and messages that were throttled five times would be given up.
   */
  readonly atOnce: number;
  /** Messages a run; default 10. */
  readonly batchSize?: number;
  /** Where messages go that could not be processed; default a queue of their own. */
  readonly dead?: Queue;
}

/** Messages for one function: nothing is lost, what cannot be processed five times ends in `dead`, for a person to see. */
export class Inbox extends Construct {
  readonly queue: Queue;
  readonly dead: Queue;

  constructor(scope: Construct, id: string, consumer: StepFunction, { atOnce, batchSize = 10, dead }: InboxOptions) {
    super(scope, id);
    this.dead = dead ?? deadLetters(this, 'Dead');
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // AWS asks for six times the function's timeout, so that no message is seen twice while it is being worked on.
      visibilityTimeout: Duration.seconds(consumer.timeout.toSeconds() * 6),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: 5 },
    });
    // A larger batch would need a window, and a quiet queue would then wait for it.
    consumer.fn.addEventSource(
      new SqsEventSource(this.queue, { batchSize, maxConcurrency: atOnce, reportBatchItemFailures: true }),
    );
  }

  /** Gives a function the right to send, and the queue's URL. */
  allowSending(sender: StepFunction, variable: string): void {
    sender.set(variable, this.queue.queueUrl);
    sender.allow(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
  }
}

/** A queue for what could not be processed. Kept as long as SQS can. */
export function deadLetters(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself; an alarm fires on its first message.');
  return queue;
}
