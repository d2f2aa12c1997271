import { describe, expect, it } from 'vitest';
import { counted, formatTable, humanSeconds, printer } from '../../cli/output.ts';

describe('humanSeconds', () => {
  it.each([
    [0, '0 s'],
    [45.4, '45 s'],
    [59.6, '1 min'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [3599.7, '1 h'],
    [3600, '1 h'],
    [7500, '2 h 5 min'],
    [90_000, '25 h'],
  ])('writes %d as %s', (seconds, text) => {
    expect(humanSeconds(seconds)).toBe(text);
  });
});

describe('a table', () => {
  it('aligns texts to the left and numbers to the right, as wide as the widest, with no blank at a line’s end', () => {
    const rows = [
      { name: 'orders', tries: 7, note: 'long ago' },
      { name: 'web', tries: 12, note: undefined },
    ];

    expect(formatTable(rows)).toEqual(['name    tries  note', 'orders      7  long ago', 'web        12']);
  });

  it('says what is missing instead of a table without rows', () => {
    const lines: string[] = [];

    printer((line) => lines.push(line)).table([], 'No incident yet.');

    expect(lines).toEqual(['No incident yet.']);
  });
});

it('counts in the singular and the plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'incident'))).toEqual(['0 incidents', '1 incident', '2 incidents']);
});
