import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { progressTo } from '../../sandbox/progress.ts';
import { openTheatre, type Theatre } from '../../sandbox/scenarios/lib/account.ts';
import { scenarios } from '../../sandbox/scenarios/lib/catalogue.ts';
import { choose } from '../../sandbox/scenarios/lib/options.ts';
import { actions } from '../../functions/recover/actions.generated.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { play } from '../../sandbox/scenarios/lib/play.ts';
import type { Result } from '../../sandbox/scenarios/lib/result.ts';
import { usageOf, usageOfAction, type TableCall } from '../infra/usage.ts';

const chosen = choose(await scenarios(), ['crash-loop', 'memory-leak']);
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

test('no right was missing, and none was used that the code was not seen to send', () => {
  const { used, refused } = theatre.sandbox.rights();

  const unseen = used.filter(({ logicalId, action, resource }) => !isSeen(logicalId, action, resource));
  expect(refused.map(({ message }) => message)).toEqual([]);
  expect(used.length).toBeGreaterThan(50);
  expect(unseen.map(({ logicalId, action, resource }) => `${logicalId}: ${action} on ${resource}`)).toEqual([]);
});

/** Whether what the code can send, as test/infra/unused.test.ts reads it off, holds a call that was made. */
function isSeen(logicalId: string, action: string, resource: string): boolean {
  const role = logicalId.replace(/[0-9A-F]{8}$/, '');
  const name = (Object.keys(FUNCTIONS) as FunctionName[]).find((each) => role === `${each}Role`);
  const own = Object.keys(actions).find((each) => role === `Action${each.replaceAll('-', '')}`);
  if (role === 'ReadingRole')
    return (Object.keys(FUNCTIONS) as FunctionName[]).some((each) => usageOf(each).actions.has(action));
  if (own !== undefined) return usageOfAction(own).actions.has(action);
  if (name === undefined) return false;
  const table = /table\/.*-Data(\w+?)Table/.exec(resource)?.[1]?.toLowerCase();
  const { actions: sent, calls } = usageOf(name);
  return table === undefined ? sent.has(action) : calls.has(`${table} ${action}` as TableCall);
}

test('each is detected before it is acted on, and acted on before it is healed', () => {
  for (const { detectedMs, actedMs, healedMs } of results) {
    expect(detectedMs).toBeGreaterThan(0);
    expect(actedMs).toBeGreaterThan(detectedMs ?? Infinity);
    expect(healedMs).toBeGreaterThan(actedMs ?? Infinity);
  }
});
