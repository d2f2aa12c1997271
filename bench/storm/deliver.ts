/** SQS in front of a function: batches of ten, several at once, and again what the function says it did not take. */
import type { Milliseconds } from '../../layers/core/units.ts';
import type { StormMessage } from './events.ts';

type Batch = { readonly Records: readonly StormMessage[] };
export type Intake = (
  batch: Batch,
) => Promise<{ readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }>;

export interface Delivered {
  /** How long each batch took. */
  readonly took: readonly Milliseconds[];
  /** Delivered again, because they were not taken. */
  readonly again: number;
  /** What the dead-letter queue keeps. */
  readonly dead: readonly StormMessage[];
}

const BATCH = 10;
/** As the queue is deployed: infra/constructs/queue.ts. */
const DELIVERIES = 5;

export async function deliver(messages: readonly StormMessage[], intake: Intake, atOnce: number): Promise<Delivered> {
  const took: Milliseconds[] = [];
  let again = 0;
  let waiting = messages;
  for (let delivery = 0; delivery < DELIVERIES && waiting.length > 0; delivery += 1) {
    if (delivery > 0) again += waiting.length;
    waiting = await deliverOnce(waiting, intake, atOnce, took);
  }
  return { took, again, dead: waiting };
}

/** @returns what was not taken */
async function deliverOnce(
  messages: readonly StormMessage[],
  intake: Intake,
  atOnce: number,
  took: Milliseconds[],
): Promise<StormMessage[]> {
  const left: StormMessage[] = [];
  let next = 0;
  const poller = async () => {
    while (next < messages.length) {
      const Records = messages.slice(next, (next += BATCH));
      const began = performance.now();
      const { batchItemFailures } = await intake({ Records });
      took.push(performance.now() - began);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      left.push(...Records.filter(({ messageId }) => failed.has(messageId)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, poller));
  return left;
}
