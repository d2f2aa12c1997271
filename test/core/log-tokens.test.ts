import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenise, textOf } from '../../layers/core/log-tokens.ts';

test.each([
  ['connection from 10.1.2.3 () at Mon Jun 20 03:40:59 2005', 'connection from <*> <> at <*>'],
  ['Block broadcast_9 stored (estimated size 93.0 B, free 317.1 KB)', 'Block <*> stored estimated size <*> free <*>'],
  ['chip FF:F2:9F:16:E2:23:00:0D:60:E9:1D:DC found', 'chip <*> found'],
  ['enable......................0', 'enable <*>'],
  ['resolve an14 an15 an16', 'resolve <*>'],
  ['synchronized to LOCAL(0), stratum 10', 'synchronized to <*> stratum <*>'],
  ['GET https://example.org/a/b?c=1 200', 'GET <*>'],
  ['proxy.example.org:5070 open through proxy.example.org:80', '<*> open through <*>'],
  ['user=root uid=0 tag="View Lock"', 'user root uid <*> tag View Lock'],
  ['', ''],
])('%s is grouped by the words %s', (line, words) => {
  expect(tokenise(line).keys.join(' ')).toBe(words);
});

test('the words and what is between them are the line again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 95 }), (line) => {
      const { keys, words, between } = tokenise(line);

      expect(words.length).toBe(keys.length);
      expect(between.length).toBe(keys.length + 1);
      expect(textOf(words, between)).toBe(line.replace(/\s+/g, ' ').trim());
    }),
  );
});

test('a line of a megabyte is cut in time that does not grow with it', () => {
  const hostile = ['a.', '1:', '(', 'ab:cd:', 'x{1', '..', 'Jan '].map((piece) =>
    piece.repeat(1_000_000 / piece.length),
  );

  for (const line of hostile) expect(tokenise(line).keys.length).toBeLessThanOrEqual(100);
});
