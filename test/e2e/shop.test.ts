import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { progressTo } from '../../sandbox/progress.ts';
import { openTheatre, type Theatre } from '../../sandbox/scenarios/lib/account.ts';
import { scenarios } from '../../sandbox/scenarios/lib/catalogue.ts';
import { untilWell } from '../../sandbox/scenarios/lib/run.ts';
import type { Shop } from '../../sandbox/scenarios/lib/shop.ts';

let theatre: Theatre;
let shop: Shop;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'prunella-shop-'));
  const [any] = await scenarios();
  if (!any) throw new Error('there should be a scenario to make a shop for');
  const cast = { scenarios: [any], seed: 1, healing: false, stateDir };
  theatre = await openTheatre(
    cast,
    progressTo(() => undefined),
    () => undefined,
  );
  shop = theatre.shops[0] as Shop;
  shop.open();
  await untilWell(shop, 10, 120, new AbortController().signal);
});

afterAll(async () => {
  await theatre?.stop();
  await rm(stateDir, { recursive: true, force: true });
});

const now = () => Math.floor(Date.now() / 1000);
const success = async (seconds: number) => {
  const from = now();
  await expect.poll(now, { timeout: 60_000, interval: 500 }).toBeGreaterThan(from + seconds + 2);
  return shop.customers.availability(from, from + seconds);
};

test('a shop serves its customers through a deployment of good code', async () => {
  await shop.owner.release('orders', '1.0.1');

  expect(await success(20)).toBeGreaterThanOrEqual(0.99);
  await expect
    .poll(async () => (await shop.state()).services.orders, { timeout: 90_000, interval: 1000 })
    .toMatchObject({ tag: '1.0.1', deploying: false });
});

test('bad code enters by its revision alone: three customers of ten meet errors, the task definition shows a tag', async () => {
  await shop.owner.release('web', '1.1.0');
  await expect
    .poll(async () => (await shop.state()).services.web, { timeout: 90_000, interval: 1000 })
    .toMatchObject({ tag: '1.1.0', deploying: false });

  const share = await success(20);

  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThan(0.85);
});

test('a poisoned parameter does nothing until the tasks are restarted', async () => {
  await shop.owner.release('web', '1.0.0');
  await untilWell(shop, 10, 120, new AbortController().signal);

  await shop.owner.write('inventory', 'warehouses', 'North;South');
  const before = await success(10);
  await shop.owner.restart('inventory');
  await expect
    .poll(async () => shop.customers.availability(now() - 8, now() - 2), { timeout: 90_000, interval: 1000 })
    .toBeLessThan(0.5);

  expect(before).toBe(1);
});
