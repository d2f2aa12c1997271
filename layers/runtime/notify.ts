import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AwsClient } from '../core/aws.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';
import { config } from './env.ts';

const topics = through('topics', () => new SNSClient(clientDefaults()) as AwsClient);

/** SNS takes subjects of under 100 printable ASCII characters. */
const SUBJECT_AT_MOST = 99;

/** Tells the operators. @throws what SNS throws: whoever tells must know that nobody was told */
export async function publish(subject: string, message: string): Promise<void> {
  const Subject = subject.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_AT_MOST);
  await topics.send(new PublishCommand({ TopicArn: config().topicArn, Subject, Message: message }));
}
