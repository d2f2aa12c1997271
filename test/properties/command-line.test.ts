import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { UsageError } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/run.ts';
import { prunella } from '../cli/commandline.ts';

const ID = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';
const reached = vi.hoisted(() => ({ account: 0 }));

// Past its arguments, every command asks for the account first: none is there, so that nothing can be done.
vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => {
    reached.account += 1;
    return Promise.reject(new UsageError('there is no stack here'));
  },
}));
const lambda = mockClient(LambdaClient);

beforeEach(() => {
  lambda.reset();
  reached.account = 0;
});

const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(COMMANDS), 'verify', 'help', 'toString', '__proto__') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '--json',
      '--last',
      '--days',
      '--stack',
      '--aws',
      '--alarms',
      '--',
      '-',
      '-h',
      '--last=3',
      '--json=yes',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ID,
      ID.toLowerCase(),
      `${ID}X`,
      'arn:aws:ecs:eu-west-1:111122223333:service/c/n',
      'arn:',
      '0',
      '-1',
      '1e9',
      '١',
      'NaN',
      '.',
      '/',
      '/dev/null',
      'package.json',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
);

test('any command line does what it says or tells, in words, what would be right: no stack, no action', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (argv) => {
      const { code, printed, complained } = await prunella(...argv);

      expect([0, 1]).toContain(code);
      expect(code === 0).toBe(complained === '');
      expect(complained).not.toMatch(/\n +at |TypeError|Cannot read|\[object Object\]/);
      if (code === 1) expect(complained).toMatch(/^prunella: \S/);
      if (code === 0) expect(printed).toMatch(/\S/);
      expect(lambda.commandCalls(InvokeCommand)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('a command that changes something reaches for the account only with exactly the arguments it takes', async () => {
  const changing = fc.constantFrom('approve', 'deny', 'confirm', 'unfreeze');
  await fc.assert(
    fc.asyncProperty(changing, fc.array(word, { maxLength: 3 }), async (name, rest) => {
      reached.account = 0;
      const options = rest.filter((one) => one.startsWith('-') && one !== '-');
      fc.pre(options.length === 0);

      await prunella(name, ...rest);

      const [only] = rest;
      const fits =
        rest.length === 1 &&
        (name === 'unfreeze' ? /^arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+$/ : /^[0-9A-HJKMNP-TV-Z]{26}$/).test(only ?? '');
      expect(reached.account).toBe(fits ? 1 : 0);
    }),
    { numRuns: 200 },
  );
});
