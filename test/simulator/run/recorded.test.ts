import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IncidentRecord } from '../../../cli/record.ts';
import { NOTHING } from '../../../simulator/run/carry.ts';
import { play, type Played } from '../../../simulator/run/play.ts';
import { keepTruth } from '../../../simulator/run/recorded.ts';
import { prunella } from '../../cli/commandline.ts';

const WHICH = { seed: 1, n: 2, carried: NOTHING };
let folder: string;
let played: Played;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-'));
  played = await play(WHICH);
  await keepTruth(folder, WHICH, played);
}, 240_000);

afterAll(() => rm(folder, { recursive: true }));

it('keeps every incident of an episode with the truth', async () => {
  const files = await readdir(folder);
  const records = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))));

  expect(files).toContain('simulate-1-2-1.json');
  for (const record of records) {
    expect(IncidentRecord.parse(record).truth).toMatchObject({
      scenario: 'simulate',
      seed: 1,
      episode: 2,
      incidentId: record.evidence.incidentId,
      truth: [
        { resource: played.account.world.truth()[0]!.resource, faults: [played.account.world.truth()[0]!.fault] },
      ],
    });
  }
});

it('keeps what replay concludes the same from', async () => {
  const { code, printed, complained } = await prunella('replay', join(folder, 'simulate-1-2-1.json'));

  expect(complained).toBe('');
  expect(code).toBe(0);
  expect(printed).toContain('The same diagnosis and plan as then.');
});
