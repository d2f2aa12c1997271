import { describe, expect, test } from 'vitest';
import { callees } from '../../../functions/diagnose/support/callees.ts';
import { CALLEE, alarm, criterion, evidenceOf, resourceOf, series, template } from '../evidence.ts';

const STOCK = CALLEE.replace('store', 'stock');
const watched = (arn: string, name: string) =>
  resourceOf({ arn, parameters: [], alarms: [alarm(name, [criterion({ id: name, resource: arn })])] });
const noAnswer = (name: string, after: number) => template(`call failed: ${name} did not answer within 5 ms`, after);

/** Stock is proven well; of the store nobody knows. */
const named = (store: number, stock: number) =>
  callees(
    evidenceOf({
      resources: [
        resourceOf({ dependsOn: [CALLEE, STOCK] }),
        watched(CALLEE, 'store-errors'),
        watched(STOCK, 'stock-errors'),
      ],
      series: [series({ resource: STOCK, criterion: 'stock-errors' }, () => 0)],
      logs: [...(store > 0 ? [noAnswer('store', store)] : []), ...(stock > 0 ? [noAnswer('stock', stock)] : [])],
    }),
  ).map(({ isWell, share }) => ({ isWell, share }));

describe('what is called, and what the log says of it', () => {
  test('is believed where it names only what may be ill', () => {
    expect(named(20, 0)).toEqual([
      { isWell: false, share: 1 },
      { isWell: true, share: 0 },
    ]);
  });

  test('is believed where it names what is well now and then', () => {
    expect(named(30, 10)[0]).toEqual({ isWell: false, share: 0.75 });
  });

  test('is not believed where it names what is well as often: what all have in common is the caller', () => {
    expect(named(20, 20)).toEqual([
      { isWell: false, share: 0 },
      { isWell: true, share: 0.5 },
    ]);
  });
});

test.each([
  ['is over', [-60, -50], 0],
  ['lasts until then', [-20, -10], 2],
  ['begins with it', [0, 10, 20], 3],
])('what is bad around the onset counts unless it is over before: it %s', (_, bad, count) => {
  const resources = [resourceOf({ dependsOn: [CALLEE] }), watched(CALLEE, 'store-errors')];
  const points = series({ resource: CALLEE, criterion: 'store-errors' }, (time) => (bad.includes(time) ? 40 : 0));

  const [store] = callees(evidenceOf({ resources, series: [points] }));

  expect(store).toMatchObject({ badPeriods: count, isWell: count === 0 });
});
