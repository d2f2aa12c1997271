import { randomUUID } from 'node:crypto';
import { logInfo } from '../lib/log.ts';
import type { InventoryCode } from './service.ts';

/** What is written of a booking, in this order. */
export const STEPS = ['booking begun', 'counting the stock', 'reserving pieces', 'booking confirmed'] as const;

/**
 * Counts the stock and books it, each step written down under the booking's id. Whoever asked does not wait for the
 * booking: the answer is the same whether it comes to its end or not.
 * @param isBooked whether the booking of this number is carried out
 */
export function booked(isBooked: (booking: number) => boolean): InventoryCode['stockOf'] {
  let booking = 0;
  return (article) => {
    // A basket is one booking, whatever number of articles is in it.
    if (article === 0) {
      booking += 1;
      const requestId = randomUUID();
      const written = isBooked(booking) ? STEPS : STEPS.slice(0, 2);
      for (const step of written) logInfo(step, { requestId });
    }
    return 100 - (article % 7);
  };
}
