import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AwsClient } from '../core/aws.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';
import { config } from './env.ts';

const topics = through('topics', () => new SNSClient(clientDefaults()) as AwsClient);

/** SNS takes subjects of under 100 printable ASCII characters. */
const SUBJECT_AT_MOST = 99;

/** SNS takes messages of 256 KB. */
const MESSAGE_AT_MOST = 262_144;

/** A person is told what fits: a message that is too long would tell nobody anything. */
function fitting(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MESSAGE_AT_MOST) return message;
  const note = `\n… and ${bytes.length - MESSAGE_AT_MOST} bytes more: npx prunella explain has all of it`;
  // Cut within a character, its rest becomes a mark of up to three bytes.
  return bytes.subarray(0, MESSAGE_AT_MOST - Buffer.byteLength(note) - 3).toString() + note;
}

/** Tells the operators. @throws what SNS throws: whoever tells must know that nobody was told */
export async function publish(subject: string, message: string): Promise<void> {
  const Subject = subject.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_AT_MOST);
  await topics.send(new PublishCommand({ TopicArn: config().topicArn, Subject, Message: fitting(message) }));
}
