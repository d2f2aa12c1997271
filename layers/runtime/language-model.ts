import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import type { AwsClient } from '../core/aws.ts';
import type { Milliseconds } from '../core/units.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';
import { config } from './env.ts';

/** An incident waits no longer for an opinion: a diagnosis without one is as good as before. */
export const LONGEST_WAIT: Milliseconds = 10_000;

/**
 * Sends one Converse request. Once: whoever throttles or fails now does not answer in time a second time.
 * @throws what Bedrock throws, or Error when there is no whole answer after `longest`
 */
export function converse(request: ConverseCommandInput, longest = LONGEST_WAIT): Promise<unknown> {
  const models = through('models', () => once(longest));
  return models.send(new ConverseCommand(request));
}

/** A client for one call: its HTTP/2 session would not outlive the time in which a function is frozen. */
function once(longest: Milliseconds): AwsClient {
  const client = new BedrockRuntimeClient({
    ...clientDefaults(),
    region: config().region,
    maxAttempts: 1,
    requestHandler: { requestTimeout: longest },
  });
  const abortSignal = AbortSignal.timeout(longest);
  const send = async (command: object): Promise<unknown> => {
    try {
      return await Promise.race([client.send(command as ConverseCommand, { abortSignal }), late(abortSignal, longest)]);
    } finally {
      client.destroy();
    }
  };
  return { send } as AwsClient;
}

/** An answer that comes in drops is no answer: the SDK's own limit is over with the first of them. */
function late(signal: AbortSignal, longest: Milliseconds): Promise<never> {
  return new Promise((_, reject) => {
    const give = () => reject(new Error(`no whole answer within ${longest / 1000} s`));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
