import { describe, expect, it } from 'vitest';
import { UsageError } from '../../cli/command.ts';
import { parseOptions } from '../../simulator/options.ts';

describe('the options of npm run simulate', () => {
  it('are many faults of seed 1 where nothing is asked for', () => {
    expect(parseOptions([])).toEqual({ run: 'many', seed: 1, incidents: 200 });
  });

  it.for([
    [
      ['--incidents', '5000', '--seed', '3', '--json', 'a.json', '--record', 'b'],
      { run: 'many', seed: 3, incidents: 5000, json: 'a.json', record: 'b' },
    ],
    [['--only', '17', '--seed', '2'], { run: 'again', seed: 2, only: 17 }],
    [['--healthy-month'], { run: 'month', seed: 1 }],
    [['--help', '--seed', 'x'], undefined],
  ] as const)('%j are %j', ([args, expected]) => {
    const options = parseOptions(args);

    expect(options).toEqual(expected);
  });

  it.for([
    [['--sead', '1'], "Unknown option '--sead'"],
    [['5000'], "Unexpected argument '5000'"],
    [['--seed'], "Option '--seed <value>' argument missing"],
    [['--seed', '-1'], "Option '--seed' argument is ambiguous"],
    [['--healthy-month=yes'], "Option '--healthy-month' does not take an argument"],
    [['--seed', 'one'], "supply a whole number from 1 with --seed, got 'one'"],
    [['--seed', '0'], "supply a whole number from 1 with --seed, got '0'"],
    [['--incidents', '1e3'], "supply a whole number from 1 with --incidents, got '1e3'"],
    [['--incidents', ''], "supply a whole number from 1 with --incidents, got ''"],
    [['--only', '2.5'], "supply a whole number from 1 with --only, got '2.5'"],
    [['--only', '2', '--incidents', '3'], 'supply --only without --incidents'],
    [['--healthy-month', '--record', 'b'], 'supply --healthy-month without --record'],
  ] as const)('%j are refused in one line: %s', ([args, told]) => {
    const ask = () => parseOptions(args);

    expect(ask).toThrow(UsageError);
    expect(ask).toThrow(new RegExp(`^${RegExp.escape(told)}$`));
  });
});
