import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../functions/diagnose/diagnose.ts';
import { collectEvidence, type Sources } from '../../../functions/diagnose/collect/evidence.ts';
import { neighbourhoodOf } from '../../../functions/diagnose/collect/neighbourhood.ts';
import type { Bounds } from '../../../functions/diagnose/collect/bounded.ts';
import { windowOf } from '../../../functions/diagnose/collect/window.ts';
import { AWS_SERVICES, type Aws } from '../../../layers/core/aws.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { edgesAmong } from '../../../layers/core/topology.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import { INCIDENT } from '../../../simulator/world/check/observer.ts';
import { healthyShop } from '../../simulator/world/helpers.ts';
import { at, resourceOf } from '../evidence.ts';

const service = (name: string) => `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`;

/** Resources by name, each with what it calls. */
function graph(calls: Readonly<Record<string, readonly string[]>>) {
  const resources = new Map(
    Object.entries(calls).map(([name, to]) => {
      const one = resourceOf({ arn: service(name), dependsOn: to.map(service), alarms: [], parameters: [] });
      return [one.arn, one];
    }),
  );
  return {
    of: (name: string): Resource => resources.get(service(name))!,
    reads: {
      resource: (arn: string) => Promise.resolve(resources.get(arn)),
      dependents: (arn: string) =>
        Promise.resolve([...resources.values()].filter((one) => one.dependsOn.includes(arn)).map((one) => one.arn)),
      topologyVersion: () => Promise.resolve(7),
    },
  };
}

const names = (resources: readonly Resource[]) => resources.map(({ arn }) => arn.split('/').at(-1));

describe('the neighbourhood', () => {
  test('is two hops wide in both directions, what is called before who calls', async () => {
    const { of, reads } = graph({ a: ['b'], b: ['c'], c: ['d'], d: ['e'], e: ['f'], f: [] });

    const found = await neighbourhoodOf(of('c'), reads);

    expect(names(found.near)).toEqual(['d', 'b']);
    expect(names(found.far)).toEqual(['e', 'a']);
    expect(found.version).toBe(7);
    expect(found.gaps).toEqual([]);
  });

  test('follows a cycle once', async () => {
    const { of, reads } = graph({ a: ['b'], b: ['c'], c: ['a'] });

    const found = await neighbourhoodOf(of('a'), reads);

    expect(names([...found.near, ...found.far])).toEqual(['b', 'c']);
  });

  test('of a table that everybody reads is bounded, and says what it leaves out', async () => {
    const callers = Array.from({ length: 300 }, (_, n) => `caller${n}`);
    const { of, reads } = graph({ table: [], ...Object.fromEntries(callers.map((name) => [name, ['table']])) });

    const found = await neighbourhoodOf(of('table'), reads);

    expect(found.near).toHaveLength(4);
    expect(found.gaps).toEqual(['296 further neighbours were not looked at']);
  });

  test('ends where a record cannot be read, and names it', async () => {
    const { of, reads } = graph({ a: ['b', 'c'], b: ['d'], c: [], d: [] });
    const failing = (arn: string) =>
      arn === service('b') ? Promise.reject(new Error('throttled')) : reads.resource(arn);

    const found = await neighbourhoodOf(of('a'), { ...reads, resource: failing });

    expect(names(found.near)).toEqual(['c']);
    expect(found.gaps).toEqual([`the record of ${service('b')} could not be read: Error: throttled`]);
  });
});

describe('the window', () => {
  const signal = (seconds: number) =>
    ({ kind: 'operator', id: 's', at: at(seconds), resource: 'r', summary: '', by: 'p' }) as Signal;

  test('begins half an hour before the first signal', () => {
    expect(windowOf([signal(60), signal(0)], at(90), at(100))).toEqual({ from: at(-1800), first: at(0), gaps: [] });
  });

  test.each([
    ['in the future', 900],
    ['days ago', -300_000],
  ])('does not believe a signal that is dated %s, and says so', (_, seconds) => {
    const { from, gaps } = windowOf([signal(seconds)], at(0), at(100));

    expect(from >= at(100 - 6.5 * 3600) && from <= at(100)).toBe(true);
    expect(gaps).toHaveLength(1);
  });
});

/** A shop in which inventory's connections went stale, and what Prunella may ask about it. */
const shop = healthyShop(3).then(async ({ world, observer }) => {
  const { resource } = world.inject('stale-connection', 'shop-inventory');
  await observer.until([resource], 1200);
  await observer.run(30);
  const sources: Sources = {
    aws: () => Promise.resolve(world.aws()),
    resource: (arn) => Promise.resolve(observer.resources.get(arn)),
    dependents: (arn) =>
      Promise.resolve(
        [...observer.resources.values()].filter((one) => one.dependsOn.includes(arn)).map((one) => one.arn),
      ),
    topologyVersion: () => Promise.resolve(1),
    healthNotices: () => Promise.resolve([]),
    openIncident: () => Promise.resolve(undefined),
    incidents: () => Promise.resolve([]),
    changes: () => Promise.resolve([]),
  };
  return {
    now: world.now,
    resource: observer.resources.get(resource)!,
    signals: observer.signals.get(resource)!,
    sources,
  };
});

/** Asks the same of clients and knowledge base, where every so manieth call fails. */
async function collectFailing(fails: () => boolean, clock = 0, bounds?: Bounds, hangs = false): Promise<Evidence> {
  const { now, resource, signals, sources } = await shop;
  const refuse = () =>
    hangs
      ? new Promise<never>(() => undefined)
      : Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
  const breaking = <A extends readonly unknown[], R>(ask: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => (fails() ? refuse() : ask(...args));
  };
  const broken = Object.fromEntries(
    Object.entries(sources).map(([name, ask]) => [name, breaking(ask as (...args: unknown[]) => Promise<unknown>)]),
  ) as unknown as Sources;
  const aws = async (arn: string): Promise<Aws> => {
    const real = await broken.aws(arn);
    const clients = AWS_SERVICES.map((name) => [
      name,
      { send: breaking((command: never) => real[name].send(command)) },
    ]);
    return Object.fromEntries(clients) as unknown as Aws;
  };
  const skewed = signals.map((signal) => ({ ...signal, at: addSeconds(signal.at, clock) }));
  const incident = { incidentId: INCIDENT, resource: resource.arn, openedAt: now } as Incident;
  return collectEvidence(incident, resource, skewed, { ...broken, aws }, now, bounds);
}

describe('the evidence', () => {
  test('is without gaps where every call answers', async () => {
    const evidence = await collectFailing(() => false);

    expect(evidence.gaps).toEqual([]);
    expect(names(evidence.resources)).toEqual(['shop-inventory', 'shop-web', 'shop-orders']);
    expect(new Set(evidence.series.map(({ resource }) => resource)).size).toBe(3);
    expect(edgesAmong(evidence.resources)).toHaveLength(3);
    expect(evidence.topologyVersion).toBe(1);
  });

  test('has nothing but gaps where no call answers, and still a diagnosis', async () => {
    const evidence = await collectFailing(() => true);

    expect(evidence.gaps.length).toBeGreaterThan(3);
    expect(evidence.series).toEqual([]);
    expect(diagnose(evidence).hypotheses[0]).toMatchObject({ fault: 'unknown' });
  });

  test('dates nothing by a clock that is a day late: what was before the onset is read, too', async () => {
    const { window } = await collectFailing(() => false, -100_000);

    expect(window.onset >= addSeconds(window.from, 1800) && window.onset <= window.to).toBe(true);
  });

  test('is collected in time although calls hang: what they would have told is a gap', async () => {
    let asked = 0;

    const evidence = await collectFailing(() => (asked += 1) > 30, 0, { time: 200, calls: 400 }, true);

    expect(evidence.gaps.join('\n')).toMatch(/not read within 0\.2 s/);
    expect(diagnose(evidence).hypotheses.length).toBeGreaterThan(0);
  });

  test('takes no more calls than it may, and names what it did not read', async () => {
    let asked = 0;

    const evidence = await collectFailing(
      () => {
        asked += 1;
        return false;
      },
      0,
      { time: 30_000, calls: 20 },
    );

    expect(asked).toBe(20);
    expect(evidence.gaps.join('\n')).toMatch(/not read: 20 calls were made before/);
  });

  test('whatever fails or throttles is a named gap, and the diagnosis has finite confidences', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.boolean()),
        fc.constantFrom(-100_000, -3600, -60, 0, 60, 3600),
        async (fate, clock) => {
          let failed = 0;
          const evidence = await collectFailing(() => {
            const fails = fate.next().value;
            failed += fails ? 1 : 0;
            return fails;
          }, clock);

          const { hypotheses } = diagnose(evidence);

          expect(failed === 0 || evidence.gaps.length > 0).toBe(true);
          const sum = hypotheses.reduce((total, { confidence }) => total + confidence, 0);
          expect(sum).toBeGreaterThan(0);
          expect(sum).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { numRuns: 25 },
    );
  });
});
