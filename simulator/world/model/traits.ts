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
  /** Share of requests after which a connection stays open for good, and how it is with a task that has none left. */
  readonly leaves?: Ratio;
  readonly without?: Traits;
  /** MiB that each of these takes. */
  readonly each?: number;
  /** Answers nothing any more. */
  readonly hangs?: boolean;
  /** Fails the load balancer's health check. */
  readonly sick?: boolean;
}

/** A request takes so many times as long, and the time is spent waiting, which costs no processor. */
export const waiting = (times: number): Traits => ({ latency: times, cpu: 1 / times });

/** What a task has of one cause alone, if at all. */
type Single = 'mistake' | 'crashAfter' | 'without';

/** Several causes at once: failures add up as independent chances, factors multiply, what comes first counts. */
export function together(all: readonly Traits[]): Required<Omit<Traits, Single>> & Pick<Traits, Single> {
  let fills = Infinity;
  let [good, latency, cpu, leak, memory, leaves, each] = [1, 1, 1, 0, 0, 0, 0];
  let without: Traits | undefined;
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
    leaves += one.leaves ?? 0;
    each += one.each ?? 0;
    without ??= one.without;
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
    leaves,
    each,
    hangs,
    sick,
    ...(mistake ? { mistake } : {}),
    ...(without ? { without } : {}),
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

const failed = (name: string, text: string, status?: Mistake['status']): Mistake =>
  mistake('request failed', name, text, status);

/** No connection is left in the pool: in the words of drivers and pools, and of a database whose slots are taken. */
export const NO_CONNECTION: readonly Mistake[] = [
  failed('Error', 'timeout exceeded when trying to connect (# clients waiting)'),
  failed('TimeoutError', 'Timeout acquiring a connection. The pool is probably full (# pending)'),
  failed('SQLTransientConnectionException', 'Connection is not available, request timed out after # ms'),
  failed('Error', 'remaining connection slots are reserved for superusers (backend #)'),
  failed('PoolExhausted', 'no free connection in the pool after # ms', 503),
];
/** No descriptor is left for a socket or file. */
export const NO_DESCRIPTOR: readonly Mistake[] = [
  failed('Error', "EMFILE: too many open files, open '/app/views/page-#.html'"),
  failed('Error', 'socket: too many open files (fd #)'),
  failed('SystemError', 'ENFILE: file table overflow, socket #'),
];
/** The network between a task and what it calls does not carry. */
export const NO_NETWORK: readonly Mistake[] = [
  failed('Error', 'connect ETIMEDOUT 10.0.12.7:# (attempt #)'),
  failed('Error', 'connect EHOSTUNREACH 10.0.12.7:#'),
  failed('Error', 'getaddrinfo EAI_AGAIN ledger.internal (query #)'),
  failed('Error', 'connection timed out after # ms'),
];
/** A service of AWS fails by its own word. */
export const AWS_FAILS: readonly Mistake[] = [
  failed('InternalServerError', 'An error occurred on the server side (request #)'),
  failed('ServiceUnavailableException', 'The service is temporarily unavailable, try again later (request #)'),
  failed('InternalFailure', 'The request processing has failed because of an unknown error (request #)'),
];
export const QUEUE_FAILS = failed('ServiceUnavailable', 'sqs.eu-west-1.amazonaws.com answered 503 to DeleteMessage #');
export const HOST_FAILS: readonly Mistake[] = [
  failed('Runtime.ExitError', 'RequestId: # Error: Runtime exited without providing a reason'),
  failed('Sandbox.Timedout', 'RequestId: # Error: Task timed out after 3.00 seconds'),
  failed('ServiceException', 'An internal error occurred, invocation #'),
];
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
  rateExceeded: mistake('request failed', 'ThrottlingException', 'Rate exceeded (request #)'),
} as const satisfies Record<string, Mistake>;
