import type { Seconds } from '../../../layers/core/units.ts';
import { pick, type Random } from '../../../sandbox/load/random.ts';
import type { Failure } from './traffic.ts';
import { MISTAKES, type Mistake } from './traits.ts';

/** How many calls of an API of AWS, one a request, a service may still make; the rest AWS refuses. */
export interface Quota {
  /** Calls a second. */
  readonly rate: number;
  /** What the program writes of a request whose call was refused to the end. */
  readonly mistake: Mistake;
  /** How long the SDK tries again, before it gives up, times the share that is refused. */
  readonly retries: Seconds;
}

/** What AWS answers what calls too often, by service; some programs hide it behind words of their own. */
const REFUSALS: readonly Mistake[] = [
  MISTAKES.rateExceeded,
  { ...MISTAKES.rateExceeded, name: 'TooManyRequestsException', text: 'Rate Exceeded. (attempt #)' },
  {
    ...MISTAKES.rateExceeded,
    name: 'ProvisionedThroughputExceededException',
    text: 'The level of configured provisioned throughput for the table was exceeded (request #)',
  },
  { ...MISTAKES.rateExceeded, name: 'SlowDown', text: 'Please reduce your request rate (request #)' },
  { ...MISTAKES.rateExceeded, name: 'Error', text: 'too many requests: gave up on call # after 3 attempts' },
];

export const refusal = (random: Random): Mistake => pick(random, REFUSALS);

/** The requests of a step that fail because AWS refuses their call. */
export function refusedOf(quota: Quota | undefined, requests: number, seconds: Seconds): Failure[] {
  const count = quota ? Math.max(0, Math.round(requests - quota.rate * seconds)) : 0;
  return quota && count > 0 ? [{ count, mistake: quota.mistake }] : [];
}
