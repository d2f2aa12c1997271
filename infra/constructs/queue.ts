import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { StepFunction } from './step-function.ts';

/** Messages for one function: nothing is lost, what cannot be processed five times ends in `dead`, for a person to see. */
export class Inbox extends Construct {
  readonly queue: Queue;
  readonly dead: Queue;

  /** @param batchSize messages a run; default 10 */
  constructor(scope: Construct, id: string, consumer: StepFunction, batchSize = 10) {
    super(scope, id);
    this.dead = deadLetters(this, 'Dead');
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // AWS asks for six times the function's timeout, so that no message is seen twice while it is being worked on.
      visibilityTimeout: Duration.seconds(consumer.timeout.toSeconds() * 6),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: 5 },
    });
    // A larger batch would need a window, and a quiet queue would then wait for it.
    consumer.fn.addEventSource(new SqsEventSource(this.queue, { batchSize, reportBatchItemFailures: true }));
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
