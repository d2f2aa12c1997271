import { describe, expect, it } from 'vitest';
import { UsageError } from '../../cli/command.ts';
import { remedy } from '../../cli/errors.ts';
import { NotFound } from '../../layers/runtime/database.ts';

const named = (name: string, message: string, rest: object = {}) =>
  Object.assign(new Error(message), { name, ...rest });

describe('what an operator is told', () => {
  it.each([
    [named('ExpiredTokenException', 'The security token included in the request is expired'), 'sign in again'],
    [
      named('CredentialsProviderError', 'Could not load credentials from any providers'),
      'there are no AWS credentials',
    ],
    [named('CredentialsProviderError', 'The SSO session has expired or is invalid'), 'sign in again'],
    [named('UnrecognizedClientException', 'The security token is invalid.'), 'does not know these credentials'],
    [named('Error', 'Region is missing'), 'set AWS_REGION'],
    [named('AccessDeniedException', 'User: x is not authorized to perform: dynamodb:Query'), 'do not allow this'],
    [named('Error', 'connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' }), 'cannot be reached'],
    [new AggregateError([named('Error', 'connect', { code: 'ECONNREFUSED' })]), 'cannot be reached'],
    [new Error('it failed', { cause: named('ExpiredToken', 'expired') }), 'sign in again'],
    [new UsageError('supply an incident id'), 'supply an incident id'],
    [new NotFound('there is no incident'), 'there is no incident'],
  ])('of %s is what to do', (error, message) => {
    expect(remedy(error)).toContain(message);
  });

  it('is the error itself, with its stack, where the fault is ours', () => {
    expect(remedy(new TypeError("Cannot read properties of undefined (reading 'arn')"))).toBeUndefined();
  });
});
