import type { Instant } from '../../core/units.ts';
import { transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { update } from '../writes.ts';

const table = (): string => config().tables.control;

/** Days a count is kept. */
const KEPT = 3;

/** Counts one more call of the language model on a day (UTC). @returns false when the day's calls are used up */
export async function countLanguageCall(now: Instant, callsPerDay: number): Promise<boolean> {
  const day = now.slice(0, 10);
  const change = 'SET #calls = if_not_exists(#calls, :none) + :one, #ttl = :ttl';
  const left = {
    when: 'attribute_not_exists(#calls) OR #calls < :most',
    values: { none: 0, one: 1, most: callsPerDay, ttl: ttl(now, KEPT) },
  };
  const key = { pk: `LANGUAGE#${day}`, sk: 'CALLS' };
  return (await transact([update('calls', table(), key, change, left)])).ok;
}
