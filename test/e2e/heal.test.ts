import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { progressTo } from '../../sandbox/progress.ts';
import { openTheatre, type Theatre } from '../../sandbox/scenarios/lib/account.ts';
import { scenarios } from '../../sandbox/scenarios/lib/catalogue.ts';
import { choose } from '../../sandbox/scenarios/lib/options.ts';
import { play } from '../../sandbox/scenarios/lib/play.ts';
import type { Result } from '../../sandbox/scenarios/lib/result.ts';

const chosen = choose(await scenarios(), ['crash-loop', 'shared-cause']);
const story: string[] = [];
let theatre: Theatre;
let stateDir: string;
let results: readonly Result[];

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'prunella-e2e-'));
  const progress = progressTo((line) => story.push(line));
  theatre = await openTheatre({ scenarios: chosen, seed: 1, stateDir }, progress, (line) => story.push(line));
  results = await play({ scenarios: chosen, seed: 1, atOnce: 2, end: new AbortController().signal }, theatre, progress);
}, 900_000);

afterAll(async () => {
  await theatre?.stop();
  await rm(stateDir, { recursive: true, force: true });
}, 60_000);

test.each(chosen.map(({ name }) => [name] as const))('%s is found, healed and explained', (name) => {
  const result = results.find((one) => one.name === name);

  expect(result?.problems, story.slice(-200).join('\n')).toEqual([]);
  expect(result).toMatchObject({ ok: true, faultRight: true, verdict: 'recovered by action', attempts: 1 });
});

test('each is detected before it is acted on, and acted on before it is healed', () => {
  for (const { detectedMs, actedMs, healedMs } of results) {
    expect(detectedMs).toBeGreaterThan(0);
    expect(actedMs).toBeGreaterThan(detectedMs ?? Infinity);
    expect(healedMs).toBeGreaterThan(actedMs ?? Infinity);
  }
});
