import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../functions/diagnose/classify/failure-mode.ts';
import type { Edge, Event, Kind, Measured } from '../../../functions/diagnose/ranking/input.ts';
import { rank } from '../../../functions/diagnose/ranking/rank.ts';
import { eventsAround, sequenceEvents } from '../../../functions/diagnose/ranking/sequences.ts';
import { rootsOf } from '../../../functions/diagnose/roots/roots.ts';
import { SERVICE, evidenceOf, series as seriesOf, service, template } from '../evidence.ts';

const ONSET = 3600;
const MINUTES = Float64Array.from({ length: 64 }, (_, i) => i * 60);

/** An hour a minute apart with a little noise, then four minutes of another level. */
function series(kind: Kind, usual: number, now: number, over: Partial<Measured> = {}): Measured {
  const values = MINUTES.map((at, i) => (at < ONSET ? usual : now) * (1 + 0.02 * Math.sin(i)));
  return { node: 'api', metric: kind, kind, times: MINUTES, values, ...over };
}

/** Calls that take the callee `inside` seconds, and the caller what they spend on the way besides. */
function edge(from: string, to: string, inside: number, way: (at: number) => number): Edge {
  const answered = MINUTES.map((_, i) => inside * (1 + 0.5 * Math.abs(Math.sin(i))));
  return {
    from,
    to,
    answered: { times: MINUTES, values: answered },
    seconds: { times: MINUTES, values: answered.map((value, i) => value + way(MINUTES[i] ?? 0)) },
  };
}

const failure = (measured: Measured[], over: { edges?: Edge[]; events?: Event[]; size?: number } = {}) =>
  failureOf('api', {
    measured,
    edges: over.edges ?? [],
    events: over.events ?? [],
    onset: ONSET,
    ...(over.size ? { sizes: new Map([['api', over.size]]) } : {}),
  });

const busy = series('cpu', 8, 99, { limit: 100 });
const level = series('memory', 20, 20, { limit: 100 });

describe('a processor that is used up', () => {
  test('is taken by another program where memory grew by the size of one', () => {
    const values = MINUTES.map((at) => (at < ONSET ? 20 : 22));

    const found = failure([busy, { ...level, values }], { size: 500 });

    expect(found?.mode).toBe('cpu-contention');
    expect(found?.because).toContain('Its memory grew by 10 MiB.');
  });

  test('is used up by its own work where memory stays', () => {
    expect(failure([busy, level], { size: 500 })?.mode).toBe('cpu-consumption');
  });

  test('is used up by its own work where memory comes and goes as ever', () => {
    const restless = series('memory', 20, 20, { limit: 100 });
    const values = restless.values.map((_, i) => (i % 3 === 0 ? 22 : 20));

    expect(failure([busy, { ...restless, values }], { size: 500 })?.mode).toBe('cpu-consumption');
  });

  test('is not blamed while little of it is used, however much more than it was', () => {
    expect(failure([series('cpu', 1, 23, { limit: 100 })], { size: 500 })).toBeUndefined();
  });

  test('is not blamed for the work that is asked of it', () => {
    expect(failure([series('cpu', 30, 90, { limit: 100 }), series('traffic', 100, 300)])).toBeUndefined();
  });

  test('is seen in what each request takes where it was busy before', () => {
    const found = failure([series('cpu', 92, 100, { limit: 100 }), series('traffic', 260, 50)], { size: 100 });

    expect(found?.mode).toBe('cpu-consumption');
  });

  test('explains messages that are late, too', () => {
    const late = edge('shop', 'api', 0.01, (at) => (at < ONSET ? 0.001 : 0.2));

    expect(failure([busy, level], { edges: [late], size: 500 })?.mode).toBe('cpu-consumption');
  });
});

test('calls that spend longer on the way are the network, although the callee takes its time as ever', () => {
  const late = edge('shop', 'api', 0.3, (at) => (at < ONSET ? 0.002 : 0.1));

  const found = failure([level], { edges: [late] });

  expect(found?.mode).toBe('network-latency');
  expect(found?.because).toContain('Calls from shop to api spent 0.002 s on the way and spend 0.1 s.');
});

test('of two ends the one is late whose other calls are late as well', () => {
  const lateAfter = (at: number) => (at < ONSET ? 0.002 : 0.1);
  const edges = [
    edge('shop', 'api', 0.01, lateAfter),
    edge('admin', 'api', 0.01, lateAfter),
    edge('shop', 'ads', 0.01, () => 0.002),
    edge('shop', 'mail', 0.01, () => 0.002),
  ];

  expect(rank({ measured: [], edges, onset: ONSET })[0]?.node).toBe('api');
});

const many = (count: number, ...events: string[]) => Array.from({ length: count }, () => ({ node: 'api', events }));
const told = (after: string[]) =>
  failure([], { events: sequenceEvents(many(30, 'get', 'look up', 'found', 'sent'), many(20, ...after)) })?.mode;

describe('the steps of requests', () => {
  test.each([
    ['stop short of what always followed', ['get', 'look up']],
    ['leave a step out that always came', ['get', 'look up', 'sent']],
    ['name what was thrown', ['get', 'look up', 'ERROR java.lang.NullPointerException', 'sent']],
  ])('are broken off by an error where they %s', (_, after) => {
    expect(told(after)).toBe('exception');
  });

  test('return early where they go on another way that the code has for it', () => {
    expect(told(['get', 'look up', 'ERROR no such contact', 'sent'])).toBe('early-return');
  });
});

test('fewer calls for each request are work left out; requests that fail besides are broken off', () => {
  const traffic = [series('traffic', 600, 600), series('traffic', 300, 20, { node: 'store' })];
  const edges = [{ from: 'api', to: 'store' }];

  expect(failure(traffic, { edges })?.mode).toBe('early-return');
  expect(failure([...traffic, series('availability', 100, 60)], { edges })?.mode).toBe('exception');
});

test('what is normal or late in the minute before the onset does not hide how requests changed', () => {
  const timed = (at: number, ...events: string[]) => ({ node: 'api', at, events });
  const past = many(20, 'get', 'found');
  const early = [3550, 3570, 3590, 3610, 3630].map((at) => timed(at, 'get', 'ERROR not found'));
  const late = [3550, 3570, 3590].map((at) => timed(at, 'get', 'found'));
  const lateThen = [3610, 3630, 3650, 3670].map((at) => timed(at, 'get', 'ERROR not found'));

  const [first] = eventsAround(past, early, ONSET, 60);
  const [second] = eventsAround(past, [...late, ...lateThen], ONSET, 60);

  expect(first?.what).toContain('(5 of 5, before 0 of 20)');
  expect(second?.what).toContain('(4 of 4, before 0 of 23)');
});

test('use far from its limit is hardly a symptom, near it it is one', () => {
  const idle = series('cpu', 1, 20, { limit: 100, node: 'idle' });
  const full = series('cpu', 60, 95, { limit: 100, node: 'full' });

  expect(rank({ measured: [idle, full], edges: [], onset: ONSET }).map(({ node }) => node)).toEqual(['full', 'idle']);
});

describe('the root of an incident', () => {
  test('is told with the way in which it fails', () => {
    const cpu = seriesOf({ criterion: 'context:CPUUtilization', metric: 'CPUUtilization' }, (time) =>
      time < 0 ? 10 : 99,
    );

    const [root] = rootsOf(evidenceOf({ series: [cpu], services: [service({ memory: 512 })] }));

    expect(root).toMatchObject({ resource: SERVICE, failure: { mode: 'cpu-consumption' } });
  });

  test('is broken off by an error where its log names one', () => {
    const [root] = rootsOf(evidenceOf({ logs: [template('Unhandled TypeError: x is not a function')] }));

    expect(root).toMatchObject({ resource: SERVICE, failure: { mode: 'exception' } });
  });
});
