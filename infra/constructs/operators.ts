import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { StepFunction } from './step-function.ts';

export interface OperatorsProps {
  readonly key: Key;
  /** E-mail addresses that are subscribed; each has to confirm by the link that SNS sends it. */
  readonly notify: readonly string[];
}

/** The topic by which a person learns what Prunella cannot do alone, and that something of Prunella itself has failed. */
export class Operators extends Construct {
  readonly topic: Topic;
  readonly #key: Key;

  constructor(scope: Construct, id: string, { key, notify }: OperatorsProps) {
    super(scope, id);
    this.#key = key;
    this.topic = new Topic(this, 'Topic', { displayName: 'Prunella', masterKey: key, enforceSSL: true });
    // A topic's own policy (here: TLS only) takes the place of the default one, by which alarms of the account may publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    for (const address of notify) this.topic.addSubscription(new EmailSubscription(address));
  }

  /** Gives a function the right to tell the operators, and the topic's ARN. */
  letSpeak(speaker: StepFunction): void {
    speaker.set('TOPIC_ARN', this.topic.topicArn);
    speaker.allow(new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topic.topicArn] }));
    speaker.allow(
      new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [this.#key.keyArn] }),
    );
  }
}
