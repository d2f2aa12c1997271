import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetOf, severityOfRate } from '../../../functions/diagnose/impact/budget.ts';
import { impactOf } from '../../../functions/diagnose/impact/impact.ts';
import { wishesOf } from '../../../functions/discover/map/tags.ts';
import { briefly, impactLines, Impact } from '../../../layers/core/impact.ts';
import { Severity } from '../../../layers/core/taxonomy.ts';
import { alarm, at, CALLEE, criterion, evidenceOf, resourceOf, series, service, SERVICE } from '../evidence.ts';

const WEB = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/web';
const SHOP = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/shop';

/** Failed requests counted beside all requests, as a load balancer counts them. */
const counting = (resource: string) =>
  criterion({
    id: `${resource}-errors`,
    resource,
    queries: [{ id: 'm', namespace: 'App', metric: 'Errors', dimensions: {}, stat: 'Sum', period: 10 }],
    traffic: { id: 'traffic', namespace: 'App', metric: 'Requests', dimensions: {}, stat: 'Sum', period: 10 },
  });
const counted = (arn: string, over: object = {}) => resourceOf({ arn, alarms: [alarm(arn, [counting(arn)])], ...over });
const served = (resource: string, requests: number, failed: number) => [
  series({ resource, criterion: `${resource}-errors`, metric: 'Errors' }, (time) => (time < 0 ? 0 : failed)),
  series({ resource, criterion: `${resource}-errors#traffic`, metric: 'Requests' }, () => requests),
];

describe('an error budget', () => {
  /** Whole outages and steady failures at one request a second. */
  const outage = (seconds: number, share: number) =>
    budgetOf(0.999, { requests: seconds, failed: seconds * share, usualRate: 1, over: seconds }, undefined)!;

  test.each([
    // Google, The Site Reliability Workbook, table 5-4: burn rate, and the time until the budget of 30 days is gone.
    [1, 30 * 86_400],
    [2, 15 * 86_400],
    [10, 3 * 86_400],
    [1000, 43.2 * 60],
  ])('at a burn rate of %s is used up after %s seconds', (rate, seconds) => {
    const budget = outage(seconds, rate / 1000);

    expect(budget.rate).toBeCloseTo(rate, 9);
    expect(budget.burned).toBeCloseTo(1, 9);
  });

  test.each([
    // The same, table 5-8: what each burn rate takes in its window, and what it is worth.
    [14.4, 3600, 0.02, 'high'],
    [6, 6 * 3600, 0.05, 'medium'],
    [1, 3 * 86_400, 0.1, 'low'],
    [0.9, 3600, 0.00125, 'info'],
  ])('at a burn rate of %s loses in %s seconds a share of %s, which is %s', (rate, seconds, burned, severity) => {
    const budget = outage(seconds, rate / 1000);

    expect(budget.burned).toBeCloseTo(burned, 9);
    expect(severityOfRate({ ...budget, rate: Number(budget.rate.toFixed(6)) })).toBe(severity);
  });

  test('is not cheaper because nobody comes any more', () => {
    const whole = budgetOf(0.999, { requests: 600, failed: 600, usualRate: 1, over: 600 }, undefined);
    const few = budgetOf(0.999, { requests: 60, failed: 60, usualRate: undefined, over: 600 }, undefined);

    expect(whole?.burned).toBeCloseTo(600 / 2592, 9);
    expect(few?.burned).toBeCloseTo(600 / 2592, 9);
  });

  test('is counted in bad periods where no failed request is counted', () => {
    expect(budgetOf(0.99, undefined, { bad: 120, over: 240 })).toEqual({
      objective: 0.99,
      burned: expect.closeTo(120 / 25_920, 9),
      rate: expect.closeTo(50, 9),
      by: 'periods',
    });
  });
});

describe('the objective', () => {
  test.each([
    ['99.9', 0.999],
    [' 99.95 % ', 0.9995],
    ['95', 0.95],
    ['100', undefined],
    ['0', undefined],
    ['three nines', undefined],
    ['', undefined],
  ])('a tag of %j is %s', (tag, objective) => {
    expect(wishesOf(SERVICE, { 'prunella:objective': tag }).objective).toBe(objective);
  });
});

describe('impact', () => {
  const chain = [
    counted(SERVICE, { dependsOn: [CALLEE] }),
    counted(WEB, { dependsOn: [SERVICE] }),
    counted(SHOP, { dependsOn: [WEB] }),
    counted(CALLEE),
  ];

  test('reaches the callers of callers, and nothing that is called', () => {
    const { affected } = impactOf(evidenceOf({ resources: chain }), 'low');

    expect(affected.map(({ resource, hops }) => [resource, hops])).toEqual([
      [SERVICE, 0],
      [WEB, 1],
      [SHOP, 2],
    ]);
  });

  test('counts a request once, where it comes in', () => {
    const all = [...served(SERVICE, 100, 40), ...served(WEB, 100, 40), ...served(SHOP, 200, 40)];

    const impact = impactOf(evidenceOf({ resources: chain, series: all }), 'medium');

    expect(impact.entries).toEqual([SHOP]);
    expect(impact.failedShare).toBeCloseTo(0.2, 9);
    expect(impact.affected[0]).toMatchObject({ requests: 3000, failed: 1200 });
  });

  test('counts its own requests where its callers count none', () => {
    const impact = impactOf(evidenceOf({ resources: chain, series: served(SERVICE, 100, 40) }), 'medium');

    expect(impact.entries).toEqual([SERVICE]);
    expect(impact.failedShare).toBeCloseTo(0.4, 9);
  });

  test('is critical when most requests fail, and more urgent when callers suffer with it', () => {
    const alone = impactOf(evidenceOf({ resources: [counted(SERVICE)], series: served(SERVICE, 100, 3) }), 'medium');
    const withOthers = impactOf(
      evidenceOf({ resources: chain, series: [...served(SERVICE, 100, 3), ...served(WEB, 10, 6)] }),
      'medium',
    );
    const down = impactOf(evidenceOf({ resources: [counted(SERVICE)], series: served(SERVICE, 100, 80) }), 'medium');

    expect(alone).toMatchObject({ severity: 'high', priority: 'P2' });
    expect(withOthers).toMatchObject({ priority: 'P1' });
    expect(withOthers.affected[1]).toMatchObject({ resource: WEB, inTrouble: true });
    expect(down).toMatchObject({ severity: 'critical', priority: 'P1' });
    expect(down.because[0]).toBe('80 % of the requests fail.');
  });

  test('is never less than what the resource itself says', () => {
    expect(impactOf(evidenceOf({ series: [] }), 'high').severity).toBe('high');
  });

  test('reads a share in percent, or as a ratio, by the owner’s own formula', () => {
    const share = (expression: string) => {
      const metric = { namespace: 'App', dimensions: {}, stat: 'Sum', period: 10 };
      const formula = criterion({
        queries: [
          { ...metric, id: 'failed', metric: 'Errors' },
          { ...metric, id: 'all', metric: 'Requests' },
          { id: 'share', expression, period: 10 },
        ],
        returns: 'share',
        traffic: { ...metric, id: 'traffic', metric: 'Requests' },
      });
      return (value: number) =>
        impactOf(
          evidenceOf({
            resources: [resourceOf({ alarms: [alarm('api-errors', [formula])] })],
            series: [
              series({}, (time) => (time < 0 ? 0 : value)),
              series({ criterion: 'api-errors#traffic', metric: 'Requests' }, () => 50),
            ],
          }),
          'low',
        ).failedShare;
    };

    expect(share('100 * failed / all')(25)).toBeCloseTo(0.25, 9);
    expect(share('FILL(failed, 0) / all')(0.25)).toBeCloseTo(0.25, 9);
  });

  test('is short in the trail, however many call', () => {
    const callers = Array.from({ length: 60 }, (_, n) =>
      counted(`arn:aws:ecs:eu-west-1:111122223333:service/prod/caller-with-a-long-name-${n}`, { dependsOn: [SERVICE] }),
    );
    const series = [...served(SERVICE, 100, 40), ...callers.flatMap(({ arn }) => served(arn, 10, 1))];

    const impact = impactOf(evidenceOf({ resources: [counted(SERVICE), ...callers], series }), 'low');

    expect(impact.affected).toHaveLength(61);
    expect(JSON.stringify(briefly(impact)).length).toBeLessThan(5000);
    expect(Impact.parse(briefly(impact)).affected[0]).toEqual(impact.affected[0]);
  });

  test('keeps a promise of its own', () => {
    const promised = impactOf(
      evidenceOf({ resources: [counted(SERVICE, { objective: 0.9 })], series: served(SERVICE, 100, 20) }),
      'low',
    );

    expect(promised.affected[0]?.budget).toMatchObject({ objective: 0.9, rate: expect.closeTo(2, 9), by: 'requests' });
    expect(impactLines(promised).join(' ')).toContain('Error budget of prod/api (90 % over 30 days)');
  });

  test('says in plain words who is affected and what it cost', () => {
    const all = [...served(SERVICE, 100, 40), ...served(WEB, 100, 40)];

    const lines = impactLines(impactOf(evidenceOf({ resources: chain, series: all }), 'medium'));

    expect(lines).toEqual([
      'Priority P1, severity high: An error budget burns 400 times as fast as it may. 1 of its callers is in trouble with it.',
      '40 % of the requests failed since the onset where they come in (prod/api).',
      expect.stringMatching(/^Error budget of prod\/api \(99.9 % over 30 days\): 4.6 % burned so far, 400 times/),
      expect.stringMatching(/^Error budget of prod\/web/),
      'Callers in trouble with it: prod/web.',
      'Callers that are well so far: prod/shop.',
    ]);
  });

  test('is stated, finite and readable whatever the graph and the points', () => {
    const arns = [SERVICE, WEB, SHOP, CALLEE];
    const value = fc.oneof(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.constantFrom(0, 1, 100));
    const points = fc.array(fc.tuple(fc.integer({ min: -900, max: 400 }), value), { maxLength: 12 });
    const one = fc.record({ dependsOn: fc.subarray(arns), values: points, traffic: points });
    fc.assert(
      fc.property(fc.tuple(one, one, one, one), fc.constantFrom(...Severity.options), (all, known) => {
        const evidence = evidenceOf({
          resources: all.map(({ dependsOn }, i) => counted(arns[i]!, { dependsOn })),
          series: all.flatMap(({ values, traffic }, i) => [
            { ...series({ resource: arns[i]!, criterion: `${arns[i]}-errors` }, () => 0), points: timed(values) },
            {
              ...series({ resource: arns[i]!, criterion: `${arns[i]}-errors#traffic` }, () => 0),
              points: timed(traffic),
            },
          ]),
          services: [service({ running: 0 })],
        });

        const impact = impactOf(evidence, known);

        expect(Impact.parse(impact)).toEqual(impact);
        expect(Severity.options.indexOf(impact.severity)).toBeLessThanOrEqual(Severity.options.indexOf(known));
        expect(impactLines(impact).join()).not.toMatch(/NaN|Infinity|undefined/);
        expect(impactOf(evidence, known)).toEqual(impact);
      }),
      { numRuns: 200 },
    );
  });
});

const timed = (points: readonly (readonly [number, number])[]): [number, number][] =>
  points.map(([seconds, value]) => [Date.parse(at(Math.round(seconds / 10) * 10)) / 1000, value]);
