import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GENESIS, canonicalJson, findBreak, hashEntry, type AuditEntry } from '../../layers/core/audit.ts';

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let n = 1; n <= length; n++) {
    const entry = {
      incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      n,
      eventId: `Verify#${n}`,
      at: `2026-03-01T12:00:0${n}.000Z`,
      state: 'Verify',
      attempt: 1,
      verdict: 'settling',
      why: [`point ${n}`],
      saw: { value: n / 10 },
      previousHash: entries.at(-1)?.hash ?? GENESIS,
    };
    entries.push({ ...entry, hash: hashEntry(entry) });
  }
  return entries;
}

describe('findBreak', () => {
  test('finds none in a whole chain, or in an empty one', () => {
    expect(findBreak(chain(5))).toBeUndefined();
    expect(findBreak([])).toBeUndefined();
  });

  test.each(['incidentId', 'eventId', 'at', 'state', 'attempt', 'verdict', 'why', 'saw'] as const)(
    'finds an entry whose %s was changed',
    (field) => {
      const entries = chain(5);
      const changed = { attempt: 2, why: ['another'], saw: { value: 0 } } as Record<string, unknown>;
      entries[2] = { ...entries[2]!, [field]: changed[field] ?? 'another' };

      expect(findBreak(entries)).toBe('entry 3 was changed after it was written');
    },
  );

  test('finds an entry that was changed and hashed anew', () => {
    const entries = chain(5);
    const { hash: _, ...rest } = { ...entries[2]!, verdict: 'recovered' };
    entries[2] = { ...rest, hash: hashEntry(rest) };

    expect(findBreak(entries)).toBe('entry 4 does not follow the entry before it');
  });

  test('finds a removed entry, the first one included', () => {
    expect(findBreak(chain(5).toSpliced(2, 1))).toBe('entry 3 is missing or out of order: found 4');
    expect(findBreak(chain(5).slice(1))).toBe('entry 1 is missing or out of order: found 2');
  });

  test('finds entries in another order', () => {
    const [first, second, third] = chain(3);

    expect(findBreak([first!, third!, second!])).toBe('entry 2 is missing or out of order: found 3');
  });
});

describe('canonicalJson', () => {
  test('does not depend on the order of keys, and leaves out undefined', () => {
    expect(canonicalJson({ b: 1, a: { d: undefined, c: [2, null] } })).toBe('{"a":{"c":[2,null]},"b":1}');
  });

  test('makes the text of RFC 8785, appendix "Sample input", for its literals and strings', () => {
    // RFC 8785 §3.2.2: keys sorted by UTF-16 code units, literals kept, the string escaped as JSON.stringify does.
    const input = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27],
      string: '€$\u000F\nA\'B"\\\\"/',
      literals: [null, true, false],
    };

    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('hashes as anyone can recompute it', () => {
    const { hash, ...entry } = chain(1)[0]!;
    const byHand =
      '{"at":"2026-03-01T12:00:01.000Z","attempt":1,"eventId":"Verify#1","incidentId":"01JD3Q8Z3M7N5V6XK2B4C9D8EF","n":1,' +
      `"previousHash":"${'0'.repeat(64)}","saw":{"value":0.1},"state":"Verify","verdict":"settling","why":["point 1"]}`;

    expect(hash).toBe(createHash('sha256').update(byHand).digest('hex'));
    expect(hashEntry(entry)).toBe(hash);
  });
});
