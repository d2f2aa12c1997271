import { expect, test } from 'vitest';
import { action } from '../../../functions/recover/actions/restore-parameter.ts';
import { ARNS, fakeAccount } from '../../support/fake-account.ts';

const ID = { incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF', attempt: 1 };
/** The third version of the parameter was the mistake. */
const params = { parameter: ARNS.parameter, from: 3, to: 2, service: ARNS.service, readAtStart: true };
const put = (account: ReturnType<typeof fakeAccount>, Value: string) =>
  account.state.parameter.push({ Version: 4, Value, Type: 'String' });

test('starts fresh tasks alone where another incident has put the value back already', async () => {
  const account = fakeAccount();
  put(account, 'value-2');

  expect(await action.preconditions(params, account.aws)).toEqual([]);
  const mutations = await action.intend(params, account.aws);
  for (const mutation of mutations) await action.apply(mutation, account.aws, ID, params);

  expect(mutations.map(({ field }) => field)).toEqual(['deployment']);
  expect(account.writes).toEqual(['UpdateService']);
});

test('puts it back, and starts fresh tasks, where nobody has', async () => {
  const account = fakeAccount();

  expect((await action.intend(params, account.aws)).map(({ field }) => field)).toEqual(['value', 'deployment']);
});

test.each([
  ['has another value by now', 'value-9', true],
  ['is back, and read each time', 'value-2', false],
])('is refused where the parameter %s', async (_, value, readAtStart) => {
  const account = fakeAccount();
  put(account, value);

  expect(await action.preconditions({ ...params, readAtStart }, account.aws)).toEqual([
    'the parameter is at version 4, no longer at 3',
  ]);
});
