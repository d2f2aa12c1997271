import { expect, test } from 'vitest';
import { UsageError } from '../../../cli/command.ts';
import { choose, parseOptions } from '../../../sandbox/scenarios/lib/options.ts';

test('without arguments the usual scenarios are played with seed 1', () => {
  expect(parseOptions([])).toEqual({
    help: false,
    list: false,
    all: false,
    scenarios: [],
    seed: 1,
    keep: false,
    json: undefined,
    record: undefined,
    atOnce: 10,
    verbose: false,
  });
});

test('scenarios may be repeated or separated by commas', () => {
  expect(parseOptions(['--scenario', 'a,b', '--scenario', 'c']).scenarios).toEqual(['a', 'b', 'c']);
});

test.each([
  [['--foo'], "Unknown option '--foo'; see `npm start -- --help`"],
  [['--seed', 'x'], '--seed takes a whole number from 0 on, got x'],
  [['--seed', '1.5'], '--seed takes a whole number from 0 on, got 1.5'],
  [['--at-once', '0'], '--at-once takes a whole number from 1 on, got 0'],
  [['crash-loop'], "Unexpected argument 'crash-loop'"],
])('%j is refused with what would be right', (args, message) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(message);
});

test('an unknown scenario is refused with those there are', () => {
  const all = [{ name: 'b' }, { name: 'a' }];

  expect(choose(all, [])).toEqual(all);
  expect(choose(all, ['a'])).toEqual([{ name: 'a' }]);
  expect(() => choose(all, ['c'])).toThrow('there is no scenario c; there are a, b');
});

test('further scenarios are played only when named, or with all', () => {
  const usual = { name: 'a' };
  const further = { name: 'b', further: true };
  const alone = { name: 'c', alone: true };

  expect(choose([usual, further], [])).toEqual([usual]);
  expect(choose([usual, further, alone], [], true)).toEqual([usual, further]);
  expect(choose([usual, further, alone], ['c'])).toEqual([alone]);
  expect(choose([usual, further], ['b'])).toEqual([further]);
});
