import { describe, expect, test } from 'vitest';
import { sayShare, sharesOf, type Sharer, type Trace } from '../../layers/core/common-cause.ts';
import { addSeconds, hours, minutes, type Seconds } from '../../layers/core/units.ts';
import { pick, randomFor, type Random } from '../../sandbox/load/random.ts';

const START = '2026-03-01T12:00:00.000Z';
const DATABASE: Trace = { kind: 'host', name: 'payments-db:5432', chance: 0.01 };
const LINE: Trace = { kind: 'message', name: 'read ECONNRESET on pooled connection <*>', chance: 0.1 };

const idOf = (n: number): string => String(n).padStart(26, '0');
const sharer = (
  n: number,
  after: Seconds,
  traces: readonly Trace[] = [DATABASE],
  over: Partial<Sharer> = {},
): Sharer => ({
  incidentId: idOf(n),
  resource: `arn:aws:ecs:eu-west-1:111122223333:service/shop/service-${n}`,
  onset: addSeconds(START, after),
  slack: 20,
  traces: [...traces],
  ...over,
});
const NOW = addSeconds(START, minutes(5));
const withOf = (one: Sharer, all: readonly Sharer[]) =>
  sharesOf(one, all, NOW).map(({ name, with: others }) => [
    name,
    ...others.map(({ incidentId }) => Number(incidentId)),
  ]);

describe('incidents that begin together', () => {
  test('share the host that both their logs name', () => {
    expect(withOf(sharer(1, 0), [sharer(2, 40)])).toEqual([['payments-db:5432', 2]]);
  });

  test('share nothing by that alone', () => {
    expect(withOf(sharer(1, 0, []), [sharer(2, 0, [])])).toEqual([]);
    expect(withOf(sharer(1, 0), [sharer(2, 0, [{ ...DATABASE, name: 'ledger:5432' }])])).toEqual([]);
  });

  test('share an ordinary line only where more than two write it', () => {
    const [a, b, c] = [sharer(1, 0, [LINE]), sharer(2, 150, [LINE]), sharer(3, 160, [LINE])];

    expect(withOf(a, [b])).toEqual([]);
    expect(withOf(a, [b, c])).toEqual([[LINE.name, 2, 3]]);
  });

  test('share nothing with an incident of the same resource, or with themselves', () => {
    const one = sharer(1, 0);

    expect(withOf(one, [one, { ...sharer(2, 10), resource: one.resource }])).toEqual([]);
  });

  test('are told of by what is least likely chance, and by nothing that names no others', () => {
    const shares = withOf(sharer(1, 0, [LINE, DATABASE]), [sharer(2, 5, [LINE, DATABASE]), sharer(3, 6, [LINE])]);

    expect(shares).toEqual([[LINE.name, 2, 3]]);
    expect(
      withOf(
        sharer(1, 0, [LINE, DATABASE]),
        [2, 3].map((n) => sharer(n, 5, [LINE, DATABASE])),
      ),
    ).toEqual([['payments-db:5432', 2, 3]]);
  });
});

test('an hour apart, the same host is chance', () => {
  expect(withOf(sharer(1, 0), [sharer(2, hours(1))])).toEqual([]);
});

test('what an account’s incidents show all the time says nothing', () => {
  const often = Array.from({ length: 30 }, (_, n) => sharer(n + 10, -hours(6) * (n + 1)));

  expect(withOf(sharer(1, 0), [sharer(2, 100), ...often.map((one) => ({ ...one, traces: [] }))])).toHaveLength(1);
  expect(withOf(sharer(1, 0), [sharer(2, 100), ...often])).toEqual([]);
});

test('an outage of many services counts once among the account’s incidents', () => {
  const outage = Array.from({ length: 12 }, (_, n) =>
    sharer(n + 10, -hours(200) + n, [DATABASE], { toldIn: idOf(10) }),
  );
  const apart = outage.map(({ toldIn: _, ...one }, n) => ({
    ...one,
    onset: addSeconds(START, -hours(200) + n * hours(4)),
  }));

  expect(withOf(sharer(1, 0), [sharer(2, 200), ...outage])).toHaveLength(1);
  expect(withOf(sharer(1, 0), [sharer(2, 200), ...apart])).toEqual([]);
});

test('the more often incidents come, the closer they must be', () => {
  const before = (every: Seconds) =>
    Array.from({ length: 10 }, (_, n) => sharer(n + 10, -every * (n + 1), n < 2 ? [LINE] : []));
  const one = sharer(1, 0, [LINE]);

  expect(withOf(one, [sharer(2, 10, [LINE]), ...before(hours(24))])).toHaveLength(1);
  expect(withOf(one, [sharer(2, 10, [LINE]), ...before(hours(2))])).toEqual([]);
});

describe('tasks that failed in one zone', () => {
  const zone = (chance: number): Trace => ({ kind: 'zone', name: 'eu-west-1a', chance });

  test('are shared by two where many failed, and by three where one did', () => {
    const [many, one] = [[zone(0.5 ** 6)], [zone(0.5)]];

    expect(withOf(sharer(1, 0, many), [sharer(2, 60, many)])).toHaveLength(1);
    expect(withOf(sharer(1, 0, one), [sharer(2, 60, one)])).toEqual([]);
    expect(withOf(sharer(1, 0, one), [sharer(2, 60, one), sharer(3, 60, one)])).toHaveLength(1);
  });
});

test('a person reads what is shared, with whom, and how likely that is chance', () => {
  const [share] = sharesOf(sharer(1, 0), [sharer(2, 40)], NOW);

  expect(sayShare(share!, START)).toMatch(
    /^it shares trouble with payments-db:5432 with shop\/service-2 \(incident 0+2\), which began within 40 s of it: by chance less than once in [\d,]+$/,
  );
});

/** Incidents that have nothing to do with each other, with what they happen to show. */
function independent(random: Random, perDay: number, named: number): Sharer[] {
  let time = 0;
  return Array.from({ length: 250 }, (_, n): Sharer => {
    time += (-Math.log(1 - random()) * hours(24)) / perDay;
    const traces = [
      ...(random() < named ? [DATABASE] : []),
      ...(random() < 0.3 ? [{ ...LINE, name: `line ${Math.floor(random() * 8)}` }] : []),
    ];
    const resource = `arn:aws:ecs:eu-west-1:111122223333:service/shop/service-${Math.floor(random() * 30)}`;
    return {
      incidentId: idOf(n),
      resource,
      onset: addSeconds(START, time),
      slack: pick(random, [20, 70, 130]),
      traces,
    };
  });
}

/** The book holds so many. */
const REMEMBERED = 40;

test.each([
  [0.5, 0.01],
  [4, 0.01],
  [20, 0.01],
  [60, 0.01],
  [20, 0.3],
])('of independent incidents, %s a day, one in a thousand is taken to share something', (perDay, named) => {
  const seeds = Array.from({ length: 30 }, (_, n) => n + 1);
  const all = seeds.flatMap((seed) => {
    const incidents = independent(randomFor(seed, `independent ${perDay} ${named}`), perDay, named);
    return incidents.map((one, n) => {
      const before = incidents.slice(Math.max(0, n - REMEMBERED), n);
      return sharesOf(one, before, addSeconds(one.onset, 60)).length > 0;
    });
  });

  // 7,500 a line: 7.5 are expected at most, and 16 or more would come once in 200 times (Poisson).
  expect(all.filter(Boolean).length).toBeLessThan(16);
});
