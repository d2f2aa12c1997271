import { minutes } from '../../../layers/core/units.ts';
import type { Crossing, Interference } from './trial.ts';

/**
 * Ways for one AWS call to go wrong, as the code above the SDK meets them: what the SDK tries again by itself has been
 * tried again and failed.
 */
export const CALL_FAULTS = {
  throttled: ({ call }) => refused(THROTTLING[call.service] ?? 'ThrottlingException', 'Rate exceeded', 400),
  'server error': () => refused('InternalServerError', 'We encountered an internal error. Please try again.', 500),
  'timeout before effect': () => refused('TimeoutError', 'socket hang up: nothing was received'),
  async 'timeout after effect'(crossing) {
    await crossing.answer();
    return refused('TimeoutError', 'the request was not answered within 5000 ms');
  },
  /** For ten minutes: rights are taken and given back by people. */
  denied: () => refused('AccessDeniedException', 'not authorized to perform this action', 400),
  async 'malformed answer'(crossing) {
    await crossing.answer();
    return refused('SyntaxError', `Unexpected token '<', "<html>..." is not valid JSON`);
  },
  /** A well-formed answer without what was asked for. */
  async 'empty answer'(crossing) {
    await crossing.answer();
    return {};
  },
  /** The function is run with the same event once more, while it is at this call. */
  'delivered twice'({ account, from, answer }) {
    account.invoke(from.functionName, from.payload).catch(() => undefined); // nobody waits for the second
    return answer();
  },
  /** The answer comes when the function's time is over, and it is killed. */
  async 'slow answer'(crossing) {
    await crossing.answer();
    return never();
  },
} as const satisfies Readonly<Record<string, (crossing: Crossing) => Promise<unknown>>>;
export type CallFault = keyof typeof CALL_FAULTS;
export const callFaults = Object.keys(CALL_FAULTS) as CallFault[];

const LASTS: Partial<Record<CallFault, number>> = { denied: minutes(10) };

/** DynamoDB's answers carry a checksum that the SDK compares: an empty one does not pass for an answer. */
export const isPossible = (fault: CallFault, service: string): boolean =>
  fault !== 'empty answer' || !['tables', 'states', 'topics'].includes(service);

/** Lets the nth call of a pair go wrong, and says whether it came to that. */
export function breaking(
  pair: string,
  nth: number,
  fault: CallFault,
): { interfere: Interference; done: () => boolean } {
  let until: number | undefined;
  const interfere: Interference = (crossing) => {
    if (crossing.pair !== pair) return undefined;
    const { milliseconds } = crossing.account.clock;
    const isHit = until === undefined ? crossing.nth === nth : milliseconds < until;
    if (!isHit) return undefined;
    until ??= milliseconds + (LASTS[fault] ?? 0) * 1000;
    return CALL_FAULTS[fault](crossing);
  };
  return { interfere, done: () => until !== undefined };
}

export const never = (): Promise<never> => new Promise(() => undefined);

const THROTTLING: Readonly<Record<string, string>> = {
  lambda: 'TooManyRequestsException',
  cloudwatch: 'Throttling',
  elbv2: 'Throttling',
  topics: 'ThrottledException',
};

const refused = (name: string, message: string, httpStatusCode?: number): Promise<never> =>
  Promise.reject(Object.assign(new Error(message), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) }));
