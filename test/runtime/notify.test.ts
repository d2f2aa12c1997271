import { expect, test, vi } from 'vitest';
import { publish } from '../../layers/runtime/notify.ts';
import { withRuntime, type Call } from '../../layers/runtime/runtime.ts';

async function published(subject: string, message: string): Promise<{ Subject: string; Message: string }> {
  vi.stubEnv('TOPIC_ARN', 'arn:aws:sns:eu-west-1:111122223333:operators');
  const calls: Call[] = [];
  const call = <T>(made: Call): Promise<T> => (calls.push(made), Promise.resolve({} as T));
  await withRuntime({ call }, () => publish(subject, message));
  vi.unstubAllEnvs();
  return calls[0]!.command.input as { Subject: string; Message: string };
}

test('a message is sent as it is where SNS takes it', async () => {
  const message = 'é'.repeat(131_072);

  expect((await published('[high] web', message)).Message).toBe(message);
});

test.each(['x', 'é', '🌿'])('a message of too many %s is cut to what SNS takes, and says so', async (letter) => {
  const { Message } = await published('[high] web', letter.repeat(300_000));

  expect(Buffer.byteLength(Message)).toBeLessThanOrEqual(262_144);
  expect(Message).toMatch(/bytes more: npx prunella explain has all of it$/);
});

test('a subject has under a hundred printable ASCII characters', async () => {
  expect((await published(`[high] ${'ü'.repeat(200)}`, 'm')).Subject).toMatch(/^\[high\] \?{92}$/);
});
