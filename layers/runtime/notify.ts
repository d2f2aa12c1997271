import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientDefaults } from './client-defaults.ts';
import { config } from './env.ts';

let client: SNSClient | undefined;
const sns = (): SNSClient => (client ??= new SNSClient(clientDefaults()));

/** SNS takes subjects of under 100 printable ASCII characters. */
const SUBJECT_AT_MOST = 99;

/** Tells the operators. @throws what SNS throws: whoever tells must know that nobody was told */
export async function publish(subject: string, message: string): Promise<void> {
  const Subject = subject.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_AT_MOST);
  await sns().send(new PublishCommand({ TopicArn: config().topicArn, Subject, Message: message }));
}
