import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { config } from '../layers/runtime/env.ts';
import { counted } from './output.ts';

/** Who reads what Prunella tells: subscriptions to the operators' topic. */
export interface Operators {
  readonly topicArn: string;
  readonly confirmed: number;
  /** Asked by e-mail and not confirmed yet: SNS sends them nothing. */
  readonly pending: number;
}

/** @returns undefined where these credentials may not look; nothing else depends on it */
export async function operators(): Promise<Operators | undefined> {
  const { topicArn } = config();
  try {
    const { Attributes } = await new SNSClient({}).send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
    const count = (name: string) => Number(Attributes?.[name] ?? 0);
    return { topicArn, confirmed: count('SubscriptionsConfirmed'), pending: count('SubscriptionsPending') };
  } catch (error) {
    if (error instanceof Error && /AuthorizationError|AccessDenied/.test(error.name)) return undefined;
    throw error;
  }
}

/** What to do where nobody would read an escalation or a question; undefined where somebody does. */
export function nobodyIsTold(told: Operators | undefined): string | undefined {
  if (!told || told.confirmed > 0) return undefined;
  if (told.pending > 0)
    return `nobody is told yet: ${counted(told.pending, 'subscription')} to be confirmed by the link in SNS's e-mail`;
  return `nobody is told of escalations and questions: aws sns subscribe --topic-arn ${told.topicArn} --protocol email --notification-endpoint YOU@EXAMPLE.COM`;
}
