import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Learned } from '../../layers/core/sequence.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { past } from '../functions/diagnose/knowledge/past.ts';
import { freshTables } from '../runtime/tables.ts';
import { prunella } from './commandline.ts';

vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => Promise.resolve({ name: 'a test', answerFunction: 'answer', discoverFunction: 'discover' }),
}));

const arn = (name: string): string => `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`;
const learned: Learned = {
  at: '2026-11-01T00:00:00.000Z',
  newest: '2026-10-31T23:00:00.000Z',
  troubles: 40,
  since: '2026-09-01T00:00:00.000Z',
  tested: 48,
  sequences: [
    {
      first: { resource: arn('api'), fault: 'bad-deployment' },
      next: { resource: arn('store'), fault: 'overload' },
      came: 5,
      followed: 4,
      within: 1800,
      probability: 5 / 7,
      atLeast: 0.418,
      lag: { median: 720, low: 300, high: 1200 },
      chance: 0.0012,
      lastAt: '2026-10-30T10:00:00.000Z',
      incidents: [],
    },
  ],
  daily: [
    {
      trouble: { resource: arn('report'), fault: 'memory-limit' },
      came: 6,
      times: 5,
      from: 7500,
      to: 8100,
      chance: 0.0003,
      lastAt: '2026-10-31T02:10:00.000Z',
    },
  ],
};

beforeEach(freshTables);

describe('patterns', () => {
  it('says that nothing has come often enough yet', async () => {
    const { code, printed } = await prunella('patterns');

    expect(code).toBe(0);
    expect(printed).toContain('Nothing has come three times yet.');
    expect(printed).toContain('In order: nothing was learned yet');
  });

  it('lists what looks alike, what follows what, and what comes by the clock', async () => {
    for (let n = 0; n < 3; n += 1) await kb.knowledge.rememberIncident(past({ 'memory rising': 1 }));
    await kb.knowledge.putSequences(learned);

    const { printed } = await prunella('patterns');

    expect(printed).toMatch(/3 times, last .*: overload of prod\/api/);
    expect(printed).toContain(
      'overload of prod/store follows bad-deployment of prod/api: 4 of 5 times, 12 min later (90 %: 5-20)',
    );
    expect(printed).toContain('71 %, at least 42 %; by chance 0.12 %; last 2026-10-30T10:00:00.000Z');
    expect(printed).toContain(
      'memory-limit of prod/report comes between 02:05 and 02:15 UTC, as 5 of the last 6 times; by chance 0.03 %',
    );
  });

  it('prints all of it as JSON', async () => {
    await kb.knowledge.putSequences(learned);

    const { printed } = await prunella('patterns', '--json');

    expect(JSON.parse(printed)).toEqual({ recurring: [], order: learned });
  });
});
