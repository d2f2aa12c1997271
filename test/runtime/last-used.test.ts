import { expect, test } from 'vitest';
import { LastUsed } from '../../layers/runtime/last-used.ts';

test('LastUsed makes a value once, and forgets the one that was not used for longest', () => {
  const kept = new LastUsed<string>(2);
  const made: string[] = [];
  const ask = (key: string): string => kept.get(key, () => (made.push(key), key));

  ['a', 'b', 'a', 'c', 'a', 'b'].forEach(ask);

  expect(made).toEqual(['a', 'b', 'c', 'b']);
});
