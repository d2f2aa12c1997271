import { ulid } from 'ulid';
import type { Runtime } from '../../layers/runtime/runtime.ts';
import { randomFor, type Random } from '../../sandbox/load/random.ts';
import type { Clock } from './clock.ts';

/**
 * Time, chance and new names of a simulation: the same seed gives the same ones in the same order. Names are drawn from a
 * stream of their own, so that another jitter does not rename the incidents.
 */
export function virtualRuntime(clock: Clock, seed: number): Omit<Runtime, 'call'> {
  const names = randomFor(seed, 'names');
  return {
    now: () => clock.now(),
    random: randomFor(seed, 'jitter'),
    sleep: (time) => clock.sleep(time),
    ulid: () => ulid(Math.floor(clock.milliseconds), names),
    uuid: () => uuid(names),
  };
}

/** Version 4, variant 1 (RFC 9562, §5.4). */
function uuid(random: Random): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === 'x' ? digit : 8 + (digit % 4)).toString(16);
  });
}
