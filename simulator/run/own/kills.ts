import type { Crossing, Interference } from './trial.ts';
import { never } from './call-faults.ts';

/** When, around a call that changes something, everything stops. */
export const MOMENTS = ['before', 'during', 'after', 'recorded'] as const;
/**
 * `before`: the call is never made. `during`: it took effect, and nobody heard. `after`: it was answered, and nothing was
 * written down. `recorded`: it was written down, and nothing more.
 */
export type Moment = (typeof MOMENTS)[number];

/** `function`: its process is killed. `both`: the execution is stopped, too, so that nobody tries again but reconcile. */
export type Victim = 'function' | 'both';

export interface Kill {
  readonly interfere: Interference;
  /** Whether it came to it. */
  readonly done: () => boolean;
}

/** Kills around the nth call that changes what is healed, of those that `pair` makes. */
export function killing(pair: string, nth: number, moment: Moment, victim: Victim): Kill {
  let target: string | undefined;
  let done = false;
  const kill = ({ from, account }: Crossing) => {
    done = true;
    if (victim === 'both') stopExecutionOf(from.payload, account);
    from.kill();
    return never();
  };
  const interfere: Interference = (crossing) => {
    const { from, answer } = crossing;
    if (done) return undefined;
    if (target === undefined && crossing.pair === pair && crossing.nth === nth) {
      target = from.requestId;
      if (moment === 'before') return kill(crossing);
      if (moment === 'during') return answer().then(() => kill(crossing));
      return undefined;
    }
    if (from.requestId !== target) return undefined;
    if (moment === 'after') return kill(crossing);
    return answer().then(() => kill(crossing));
  };
  return { interfere, done: () => done };
}

/** Seconds for which the call is on its way while its execution is stopped. */
const ON_ITS_WAY = 45;

/** Stops the execution at a call, which takes effect only a while later: the function that makes it goes on. */
export function stoppingUnder(pair: string, nth: number): Kill & { readonly effectAt: () => number } {
  let effectAt = Infinity;
  const interfere: Interference = (crossing) => {
    if (effectAt !== Infinity || crossing.pair !== pair || crossing.nth !== nth) return undefined;
    const { account, from, answer } = crossing;
    effectAt = account.clock.milliseconds + ON_ITS_WAY * 1000;
    stopExecutionOf(from.payload, account);
    return account.clock.sleep(ON_ITS_WAY * 1000).then(answer);
  };
  return { interfere, done: () => effectAt !== Infinity, effectAt: () => effectAt };
}

function stopExecutionOf(payload: unknown, { machine }: Crossing['account']): void {
  const { incidentId } = payload as { incidentId: string };
  machine.stop(incidentId, 'Stopped', 'by whoever breaks us on purpose');
}
