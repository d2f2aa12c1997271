import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Arn } from '../core/arn.ts';
import type { AwsClient } from '../core/aws.ts';
import type { Signal } from '../core/signal.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';

const bus = through('bus', () => new EventBridgeClient(clientDefaults()) as AwsClient);

/** PutEvents takes ten entries a call. */
const ENTRIES_A_CALL = 10;

/**
 * Puts signals on the account's event bus, where intake reads them like any other. The same signal twice is one: its id
 * goes along.
 * @throws Error when the bus did not take all of them: those it took may be sent again
 */
export async function putSignals(signals: readonly Signal[]): Promise<void> {
  for (let start = 0; start < signals.length; start += ENTRIES_A_CALL) {
    const entries = signals.slice(start, start + ENTRIES_A_CALL).map((signal) => ({
      Source: 'prunella',
      DetailType: 'Prunella Signal',
      Time: new Date(signal.at),
      Resources: [signal.resource] as Arn[],
      Detail: JSON.stringify(signal),
    }));
    const { FailedEntryCount = 0, Entries = [] } = await bus.send(new PutEventsCommand({ Entries: entries }));
    if (FailedEntryCount === 0) continue;
    const why = Entries.flatMap(({ ErrorCode, ErrorMessage }) => (ErrorCode ? `${ErrorCode}: ${ErrorMessage}` : []));
    throw new Error(`the event bus did not take ${FailedEntryCount} of ${entries.length} signals: ${why.join('; ')}`);
  }
}
