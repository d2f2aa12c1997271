import { expect, test } from 'vitest';
import { anyOf, SPEAKS_OF } from '../../layers/core/log-words.ts';

type Subject = keyof typeof SPEAKS_OF;

const subjectsOf = (line: string): Subject[] =>
  (Object.keys(SPEAKS_OF) as Subject[]).filter((subject) => SPEAKS_OF[subject].test(line));

/** Messages as drivers, runtimes and AWS word them, and what they speak of. */
test.each<readonly [string, readonly Subject[]]>([
  ['ThrottlingException: Rate exceeded', ['refusal']],
  ['TooManyRequestsException: Rate Exceeded.', ['refusal']],
  ['ProvisionedThroughputExceededException: The level of configured provisioned throughput', ['refusal', 'settings']],
  ['SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out', ['noneLeft']],
  ['Timeout acquiring a connection. The pool is probably full', ['noneLeft']],
  ['FATAL: remaining connection slots are reserved for superusers', ['noneLeft']],
  ['EMFILE: too many open files', ['noneLeft']],
  ['Busy: every slot is taken and the queue is full', ['load']],
  ['read ECONNRESET', ['stale']],
  ['The security token included in the request is expired', ['stale']],
  ['connect ECONNREFUSED 10.0.0.1:443', ['unreached']],
  ['getaddrinfo EAI_AGAIN ledger.internal', ['unreached']],
  ['ServiceUnavailableException: try again later', ['others', 'aws']],
  ['EIO: i/o error, read', ['host']],
  ['row 17 has no currency: checksum mismatch in segment 4', ['stored']],
  ['SyntaxError: Unexpected token < in JSON at position 4', []],
])('%s speaks of %j', (line, subjects) => {
  expect(subjectsOf(line)).toEqual(subjects);
});

test('words of any of several subjects are those of each, in any case', () => {
  const either = anyOf(SPEAKS_OF.stale, SPEAKS_OF.unreached);

  expect(['BROKEN PIPE', 'connect etimedout', 'all is well'].map((line) => either.test(line))).toEqual([
    true,
    true,
    false,
  ]);
});
