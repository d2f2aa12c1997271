import { expect, test } from 'vitest';
import { changesBetween, type ServiceView, type ShopState, unwell } from '../../../sandbox/scenarios/lib/state.ts';

const SERVICE: ServiceView = {
  tag: '1.0.0',
  revision: 'orders:1',
  desired: 2,
  running: 2,
  deployment: 'd1',
  deploying: false,
  targets: ['healthy', 'healthy'],
};
const WORKER: ServiceView = { ...SERVICE, desired: 1, running: 1, targets: [] };
const STATE: ShopState = {
  services: { web: SERVICE, orders: SERVICE, inventory: SERVICE, worker: WORKER },
  parameters: { '/s/orders/tax-rate': { version: 1, value: '0.19' } },
  quote: '1',
};
const withOrders = (change: Partial<ServiceView>): ShopState => ({
  ...STATE,
  services: { ...STATE.services, orders: { ...SERVICE, ...change } },
});

test('a whole shop is well; draining targets of old tasks do not matter', () => {
  expect(unwell(STATE)).toEqual([]);
  expect(unwell(withOrders({ targets: ['healthy', 'healthy', 'draining'] }))).toEqual([]);
});

test.each([
  [{ running: 1 }, 'orders runs 1 tasks of 2'],
  [{ deploying: true }, 'orders is being deployed'],
  [{ targets: ['healthy', 'unhealthy'] }, 'orders has 1 healthy targets of 2'],
])('%j is not well', (change, reason) => {
  expect(unwell(withOrders(change))).toContain(reason);
});

test('names every change of what an action could change', () => {
  expect(changesBetween(STATE, STATE)).toEqual([]);
  expect(changesBetween(STATE, withOrders({ revision: 'orders:2', deployment: 'd2' }))).toEqual([
    'orders runs orders:2, it was orders:1',
  ]);
  expect(changesBetween(STATE, withOrders({ deployment: 'd2' }))).toEqual(['orders was deployed again']);
  expect(changesBetween(STATE, withOrders({ desired: 3 }))).toEqual(['orders wants 3 tasks, it was 2']);
  expect(changesBetween(STATE, { ...STATE, quote: '2' })).toEqual(['the pricing alias points to 2, it was 1']);
  expect(
    changesBetween(STATE, { ...STATE, parameters: { '/s/orders/tax-rate': { version: 3, value: '0.19' } } }),
  ).toEqual(['parameter /s/orders/tax-rate is at version 3, it was 1']);
});
