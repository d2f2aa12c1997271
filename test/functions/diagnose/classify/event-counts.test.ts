import { expect, test } from 'vitest';
import { eventFeatures } from '../../../../functions/diagnose/classify/event-counts.ts';

const run = {
  counts: { 'nova-compute_boot': 2, novaclient_GET_404: 3, nova_attach: 0, 'nova-compute_boot_ERROR': 1 },
  spurious: { 'nova-compute_boot_ERROR': 1, novaclient_GET_404: 2 },
  missing: { 'cinder@lvm_detach': 4, nova_attach: 1 },
};

test('events are counted one by one', () => {
  expect(eventFeatures(run)).toMatchObject({ 'count nova-compute_boot': 2, 'count nova_attach': 0 });
});

test('each component has its sums, also one of which events are missing only', () => {
  expect(eventFeatures(run)).toMatchObject({
    ...{ 'nova failed': 1, 'nova other': 2, 'nova kinds': 1, 'nova spurious': 1, 'nova missing': 1 },
    ...{ 'novaclient failed': 3, 'novaclient other': 0, 'novaclient spurious': 2, 'novaclient missing': 0 },
    ...{ 'cinder failed': 0, 'cinder other': 0, 'cinder missing': 4 },
  });
});

test('differences from a normal run are told by their sums only', () => {
  const names = Object.keys(eventFeatures(run));

  expect(names.filter((name) => /^(spurious|missing) /.test(name))).toEqual([]);
  expect(eventFeatures(run)).toMatchObject({ spuriousEvents: 3, missingEvents: 5 });
});

test('what failed is summed apart', () => {
  expect(eventFeatures(run)).toMatchObject({ events: 6, failedEvents: 4, kinds: 3, failedKinds: 2 });
});

test('numbers that are part of a longer one are no status', () => {
  expect(eventFeatures({ counts: { 'disk 1500': 7, 'GET 500': 1 } })).toMatchObject({ failedEvents: 1 });
});

test('a run without differences has only what was counted', () => {
  expect(eventFeatures({ counts: { boot: 1 } })).toMatchObject({ 'boot other': 1, 'boot spurious': 0 });
});
