import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Load, startLoad } from '../../../sandbox/load/load.ts';

let load: Load;
const seen: number[] = [];
const shop = createServer((request, response) => {
  seen.push(performance.now());
  response.writeHead(request.url?.startsWith('/history') ? 500 : 200).end('{}');
});
const url = () => `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;

beforeAll(async () => {
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  load = await startLoad(1);
});

afterAll(async () => {
  await load.stop();
  shop.close();
});

test('sends at the rate asked for and reports what customers got', async () => {
  const seconds = () => load.record('a').between(0, Infinity);

  load.begin('a', 'usual', url(), { rate: 40, items: 1, mix: { '/': 1, '/history': 1 } });
  await expect.poll(() => seconds().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
  load.end('a', 'usual');

  const whole = seconds()[1];
  expect(whole).toBeDefined();
  expect((whole?.ok ?? 0) + (whole?.failed ?? 0)).toBeGreaterThanOrEqual(36);
  expect((whole?.ok ?? 0) + (whole?.failed ?? 0)).toBeLessThanOrEqual(44);
  expect(whole?.failed).toBeGreaterThan(5);
  expect(whole?.ok).toBeGreaterThan(5);
}, 15_000);

test('the payment provider answers each shop on its own', async () => {
  load.payments('b', false);
  const charge = async (copy: string) => (await fetch(`${load.paymentsUrl(copy)}/charge`, { method: 'POST' })).status;

  await expect.poll(() => charge('b')).toBe(503);
  expect(await charge('a')).toBe(200);

  load.payments('b', true);
  await expect.poll(() => charge('b')).toBe(200);
});

test('nothing answers once it has stopped', async () => {
  const other = await startLoad(2);
  const address = other.paymentsUrl('a');

  await other.stop();

  await expect(fetch(`${address}/charge`, { method: 'POST' })).rejects.toThrow('fetch failed');
});
