import type { Ratio, Seconds } from '../../../layers/core/units.ts';

/** How an error reads in a log: `#` stands for a number that varies. */
export interface Mistake {
  readonly message: string;
  readonly name: string;
  readonly text: string;
  readonly status: 500 | 502 | 503;
}

/**
 * What makes a program behave otherwise than in health. A revision, the value of a parameter, the state that the tasks of
 * one deployment share, stored data or one host may each bring some; a task has them all together.
 */
export interface Traits {
  /** Share of requests that fail. */
  readonly errors?: Ratio;
  readonly mistake?: Mistake;
  /** Times the usual. */
  readonly latency?: number;
  readonly cpu?: number;
  /** Ends by itself this long after its start, with exit code 1. */
  readonly crashAfter?: Seconds;
  /** MiB a second of life. */
  readonly leak?: number;
  /** MiB at which it stops to grow, leak and all. */
  readonly fills?: number;
  /** MiB more than usual, from the start. */
  readonly memory?: number;
  /** Answers nothing any more. */
  readonly hangs?: boolean;
  /** Fails the load balancer's health check. */
  readonly sick?: boolean;
}

/** Several causes at once: failures add up as independent chances, factors multiply, what comes first counts. */
export function together(
  all: readonly Traits[],
): Required<Omit<Traits, 'mistake' | 'crashAfter'>> & Pick<Traits, 'mistake' | 'crashAfter'> {
  let fills = Infinity;
  let [good, latency, cpu, leak, memory] = [1, 1, 1, 0, 0];
  let [hangs, sick] = [false, false];
  let mistake: Mistake | undefined;
  let worst = 0;
  let crashAfter: Seconds | undefined;
  for (const one of all) {
    good *= 1 - (one.errors ?? 0);
    latency *= one.latency ?? 1;
    cpu *= one.cpu ?? 1;
    leak += one.leak ?? 0;
    fills = Math.min(fills, one.fills ?? Infinity);
    memory += one.memory ?? 0;
    hangs ||= one.hangs ?? false;
    sick ||= one.sick ?? false;
    if (one.mistake && (one.errors ?? 0) >= worst) [mistake, worst] = [one.mistake, one.errors ?? 0];
    if (one.crashAfter !== undefined) crashAfter = Math.min(crashAfter ?? Infinity, one.crashAfter);
  }
  return {
    errors: 1 - good,
    latency,
    cpu,
    leak,
    fills,
    memory,
    hangs,
    sick,
    ...(mistake ? { mistake } : {}),
    ...(crashAfter === undefined ? {} : { crashAfter }),
  };
}

export type Together = ReturnType<typeof together>;

const mistake = (message: string, name: string, text: string, status: Mistake['status'] = 500): Mistake => ({
  message,
  name,
  text,
  status,
});

/** What it writes when something that it calls fails. @param to its name */
export const callFailed = (to: string, why: string): Mistake =>
  mistake('call to another service failed', 'CallFailed', `${to.split('-').at(-1) ?? to} ${why}`, 502);

export const noAnswer = (to: string, milliseconds: number): Mistake =>
  callFailed(to, `did not answer within ${milliseconds} ms`);

/** What it writes when it cannot connect to what it stores in. */
export const unreachable = (text: string): Mistake => mistake('request failed', 'Error', text);

/** What a program writes when a request fails, by cause. */
export const MISTAKES = {
  oddInput: mistake('request failed', 'SyntaxError', 'Unexpected token # in JSON at position #'),
  newCode: mistake('request failed', 'TypeError', "Cannot read properties of undefined (reading 'share')"),
  settings: mistake('request failed', 'RangeError', 'the setting must be a number from 0 to 1, got abc#'),
  staleConnection: mistake('request failed', 'Error', 'read ECONNRESET on pooled connection #'),
  expired: mistake('request failed', 'ExpiredToken', 'The security token included in the request is expired (id #)'),
  disk: mistake('request failed', 'Error', 'EIO: i/o error, read at offset #'),
  badRow: mistake('request failed', 'DataError', 'row # has no currency: checksum mismatch in segment #'),
  busy: mistake('request rejected', 'Busy', 'every slot is taken and the queue is full', 503),
} as const satisfies Record<string, Mistake>;
