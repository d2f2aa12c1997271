import { Aws, Duration } from 'aws-cdk-lib';
import { Rule, Schedule, type EventPattern, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHANGES } from '../../functions/changes/patterns.ts';
import { SOURCES } from '../../functions/intake/sources.ts';
import { TAGS } from '../../layers/core/mode.ts';
import { healArn } from './heal-machine.ts';
import { deadLetters, Inbox } from './queue.ts';
import type { StepFunction } from './step-function.ts';

export interface SignalsProps {
  readonly intake: StepFunction;
  readonly changes: StepFunction;
  readonly discover: StepFunction;
  readonly reconcile: StepFunction;
  readonly watchPlan: StepFunction;
  readonly watch: StepFunction;
  readonly probe: StepFunction;
  readonly train: StepFunction;
}

/** How events reach the functions, and when the jobs run. */
export class Signals extends Construct {
  readonly signals: Inbox;
  readonly changes: Inbox;
  /** Tags that were changed: what carries them is to be looked at again. */
  readonly tags: Inbox;
  /** Batches of resources that are due to be watched. */
  readonly watches: Inbox;
  /** Events that EventBridge could not deliver, and jobs that failed each time they were tried. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: SignalsProps) {
    super(scope, id);
    const { intake, changes, discover, reconcile, watchPlan, watch, probe, train } = props;
    this.undelivered = deadLetters(this, 'Undelivered');
    this.signals = new Inbox(this, 'Signals', intake, { atOnce: 50 }); // of ten messages: thousands within a minute
    this.changes = new Inbox(this, 'Changes', changes, { atOnce: 10 });
    // What was given up here, the next stock taking finds.
    this.tags = new Inbox(this, 'Tags', discover, { atOnce: 2, dead: this.undelivered });
    this.watches = new Inbox(this, 'Watches', watch, { atOnce: 10, batchSize: 1 });
    this.watches.allowSending(watchPlan, 'WATCH_QUEUE_URL');
    for (const teller of [watch, probe]) teller.allow(tellBus());
    // One rule per kind of source covers the whole account: nobody edits an alarm or a service to be heard.
    for (const { name, pattern } of SOURCES) {
      this.#rule(
        `Signal-${name}`,
        { source: [...pattern.source], detailType: [...pattern['detail-type']] },
        this.#queue(this.signals),
      );
    }
    for (const [name, { source, 'detail-type': detailType, detail }] of Object.entries(CHANGES)) {
      const pattern = { source: [...source], detailType: [...detailType], ...(detail && { detail }) };
      this.#rule(`Change-${name}`, pattern, this.#queue(this.changes));
    }
    this.#job('Discover', discover, Duration.minutes(15));
    const tagged = { 'changed-tag-keys': Object.values(TAGS) };
    this.#rule(
      'Tagged',
      { source: ['aws.tag'], detailType: ['Tag Change on Resource'], detail: tagged },
      this.#queue(this.tags),
    );
    this.#job('Reconcile', reconcile, Duration.minutes(5), {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [healArn(this)] },
    });
    this.#job('WatchPlan', watchPlan, Duration.minutes(1));
    this.#job('Probe', probe, Duration.minutes(1));
    this.#job('Train', train, Duration.hours(1));
  }

  /** A job runs on its schedule, and early when an event says that there is work. */
  #job(name: string, job: StepFunction, every: Duration, early?: EventPattern): void {
    job.fn.configureAsyncInvoke({ retryAttempts: 2, onFailure: new SqsDestination(this.undelivered) });
    const target = () => new LambdaTarget(job.fn, { deadLetterQueue: this.undelivered });
    new Rule(this, `${name}Schedule`, {
      description: `Prunella: ${name.toLowerCase()} every ${every.toHumanString()}`,
      schedule: Schedule.rate(every),
      targets: [target()],
    });
    if (early) this.#rule(`${name}Early`, early, target());
  }

  #queue({ queue }: Inbox): IRuleTarget {
    return new SqsQueue(queue, { deadLetterQueue: this.undelivered });
  }

  #rule(name: string, eventPattern: EventPattern, target: IRuleTarget): void {
    new Rule(this, name, { description: `Prunella: ${name}`, eventPattern, targets: [target] });
  }
}

/** Signals of our own, on the account's bus, and nobody else's events. */
function tellBus(): PolicyStatement {
  return new PolicyStatement({
    actions: ['events:PutEvents'],
    resources: [`arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`],
    conditions: { StringEquals: { 'events:source': 'prunella', 'events:detail-type': 'Prunella Signal' } },
  });
}
