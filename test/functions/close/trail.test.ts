import { expect, it, vi } from 'vitest';
import { GENESIS, hashEntry, type AuditEntry } from '../../../layers/core/audit.ts';
import { watchTrail } from '../../../functions/close/trail.ts';

const incidentId = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';

/** Two linked entries, each with the result its state answered, as the table holds them. */
function trail(): (AuditEntry & { result: unknown })[] {
  let previousHash = GENESIS;
  return [1, 2].map((n) => {
    const facts = {
      incidentId,
      n,
      eventId: `Detect#${n}`,
      at: '2026-11-22T01:00:00.000Z',
      state: 'Detect',
      attempt: 0,
      verdict: 'gather',
      why: ['it is real'],
      saw: {},
      previousHash,
    };
    const hash = hashEntry(facts);
    previousHash = hash;
    return { ...facts, hash, result: { verdict: 'gather' } };
  });
}

function watching(entries: readonly AuditEntry[]) {
  const [addMetric, error] = [vi.fn(), vi.fn()];
  const context = {
    incident: { incidentId },
    kb: { audit: { trail: () => Promise.resolve(entries) } },
    metrics: { singleMetric: () => ({ addMetric }) },
    log: { error },
  };
  return { context: context as unknown as Parameters<typeof watchTrail>[0], addMetric, error };
}

it('a trail that fits together is not mentioned', async () => {
  const { context, addMetric, error } = watching(trail());

  await watchTrail(context);

  expect(addMetric).not.toHaveBeenCalled();
  expect(error).not.toHaveBeenCalled();
});

it('an entry changed after it was written is counted and named', async () => {
  const [first, second] = trail();
  const { context, addMetric, error } = watching([{ ...first!, verdict: 'closing' }, second!]);

  await watchTrail(context);

  expect(addMetric).toHaveBeenCalledWith('AuditBroken', 'Count', 1);
  expect(error).toHaveBeenCalledWith('audit trail broken', { broken: 'entry 1 was changed after it was written' });
});
