import { ulid } from 'ulid';
import { beforeAll, describe, expect, test } from 'vitest';
import { AuditEntry, GENESIS, findBreak } from '../../layers/core/audit.ts';
import { audit } from '../../layers/runtime/kb/index.ts';
import type { NewEntry } from '../../layers/runtime/kb/audit.ts';
import { freshTables } from './tables.ts';
import { START } from './samples.ts';

beforeAll(freshTables);

const entry = (incidentId: string, eventId: string, changes: Partial<NewEntry> = {}): NewEntry => ({
  incidentId,
  eventId,
  at: START,
  state: 'Verify',
  attempt: 1,
  verdict: 'settling',
  why: ['2 good points of 3'],
  saw: {},
  ...changes,
});

const withoutResults = (trail: readonly unknown[]): AuditEntry[] => trail.map((stored) => AuditEntry.parse(stored));

describe('the audit trail', () => {
  test('keeps one unbroken chain when two writers append at once, again and again', { timeout: 60_000 }, async () => {
    const incidentId = ulid();
    const writer = async (name: string) => {
      for (let n = 0; n < 15; n++) await audit.append(entry(incidentId, `${name}#${n}`));
    };

    await Promise.all([writer('one'), writer('other')]);

    const trail = await audit.trail(incidentId);
    expect(trail.map(({ n }) => n)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(new Set(trail.map(({ eventId }) => eventId)).size).toBe(30);
    expect(trail[0]!.previousHash).toBe(GENESIS);
    expect(findBreak(withoutResults(trail))).toBeUndefined();
  });

  test('holds a retried event once, and answers what was stored first', async () => {
    const incidentId = ulid();
    const first = await audit.append(entry(incidentId, 'Verify#3', { result: { step: 4 } }));

    const again = await Promise.all([
      audit.append(entry(incidentId, 'Verify#3', { verdict: 'recovered', result: { step: 99 } })),
      audit.append(entry(incidentId, 'Verify#3')),
    ]);

    expect(again).toEqual([first, first]);
    expect(await audit.trail(incidentId)).toEqual([first]);
    expect(first.result).toEqual({ step: 4 });
  });

  test('holds an event once when it is written twice at once', async () => {
    const incidentId = ulid();

    const entries = await Promise.all(Array.from({ length: 5 }, () => audit.append(entry(incidentId, 'Close#9'))));

    expect(new Set(entries.map(({ hash }) => hash)).size).toBe(1);
    expect(await audit.trail(incidentId)).toHaveLength(1);
  });

  test('gives back numbers and empty values so that the hash still holds', async () => {
    const incidentId = ulid();
    const saw = {
      p99: 0.1 + 0.2,
      huge: 1e300,
      tiny: 5e-324,
      none: null,
      empty: '',
      list: [],
      left: undefined,
      nested: { '': -0 },
    };

    await audit.append(entry(incidentId, 'Detect#0', { saw }));

    const [stored] = await audit.trail(incidentId);
    expect(stored!.saw).toEqual(JSON.parse(JSON.stringify(saw)));
    expect(findBreak(withoutResults([stored]))).toBeUndefined();
  });
});
