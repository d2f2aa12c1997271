import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../functions/diagnose/diagnose.ts';
import { rootsOf } from '../../../functions/diagnose/roots/roots.ts';
import {
  CALLEE,
  SERVICE,
  at,
  criterion,
  alarm,
  deployment,
  evidenceOf,
  resourceOf,
  series,
  service,
  stop,
  template,
} from '../evidence.ts';

const FAR = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/ledger';
const chain = [
  resourceOf({ dependsOn: [CALLEE] }),
  resourceOf({ arn: CALLEE, dependsOn: [FAR], alarms: [], parameters: [] }),
  resourceOf({ arn: FAR, alarms: [], parameters: [] }),
];
const slow = (resource: string, from: number, usual: number, now: number) =>
  series(
    { resource, criterion: 'context:TargetResponseTime', metric: 'TargetResponseTime' },
    (time) =>
      // Latency is never level: a tenth of it comes and goes.
      (time < from ? usual : now) * (1 + 0.05 * Math.sin(time)),
  );

const place = (over: object) => rootsOf(evidenceOf({ resources: chain, ...over }));

describe('the root', () => {
  test('is what is called where caller and callee slow down together, with the numbers and who followed', () => {
    const [root] = place({ series: [slow(SERVICE, 20, 0.1, 1), slow(CALLEE, 0, 0.04, 0.9)] });

    expect(root?.resource).toBe(CALLEE);
    const said = root?.because.join(' ');
    expect(said).toMatch(
      /response time of prod\/store went from 0\.04\d* s to 0\.9\d* s: \d+(\.\d+)? times its usual spread/,
    );
    expect(said).toContain('prod/store changed at 12:00:00; prod/api, which calls it, 20 s later.');
  });

  test('is the resource itself where what it calls did not move', () => {
    const [root] = place({ series: [slow(SERVICE, 0, 0.1, 1), slow(CALLEE, 0, 0.04, 0.04), slow(FAR, 0, 0.01, 0.01)] });

    expect(root?.resource).toBe(SERVICE);
  });

  test('is found two hops away', () => {
    const [root] = place({
      series: [slow(SERVICE, 0, 0.1, 1), slow(CALLEE, 0, 0.06, 0.92), slow(FAR, 0, 0.02, 0.9)],
    });

    expect(root?.resource).toBe(FAR);
  });

  test('is whom the log names, although it measures nothing', () => {
    const errors = series({ criterion: 'api-errors' }, (time) => (time < 0 ? 0 : 40));

    const [root] = place({ series: [errors], logs: [template('call failed: store did not answer within <*> ms')] });

    expect(root?.resource).toBe(CALLEE);
    expect(root?.because[0]).toContain('prod/api, which calls it, logged: "call failed: store did not answer');
  });

  test('is not whom the log names where that is known to be well', () => {
    const watched = resourceOf({
      arn: CALLEE,
      alarms: [alarm('store-errors', [criterion({ id: 'store-errors', resource: CALLEE })])],
      parameters: [],
    });
    const errors = series({ criterion: 'api-errors' }, (time) => (time < 0 ? 0 : 40));
    const well = series({ resource: CALLEE, criterion: 'store-errors' }, () => 0);

    const [root] = place({
      resources: [chain[0], watched],
      series: [errors, well],
      logs: [template('store answered 400')],
    });

    expect(root?.resource).toBe(SERVICE);
  });

  test('is a service without a task that answers, whatever its callers show', () => {
    const dead = { ...service({ running: 0, tasks: [] }), resource: CALLEE };

    const [root] = place({ series: [slow(SERVICE, 0, 0.1, 5)], services: [service(), dead] });

    expect(root).toMatchObject({ resource: CALLEE, because: ['0 of 2 tasks of prod/store run.'] });
  });

  test('is told with the deployment just before it', () => {
    const [root] = place({ series: [slow(SERVICE, 0, 0.1, 1)], changes: [deployment(-60)] });

    expect(root?.because.join(' ')).toContain('A deployment of api:7 began, 1 minutes before the onset.');
  });

  test('is nobody where nothing moved', () => {
    expect(place({ series: [slow(SERVICE, 0, 0.1, 0.1)] })).toEqual([]);
  });
});

test('two faults at once are two roots', () => {
  const other = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/quote';
  const resources = [
    resourceOf({ dependsOn: [CALLEE, other] }),
    resourceOf({ arn: CALLEE }),
    resourceOf({ arn: other }),
  ];
  const stopsOf = (resource: string) => [stop(10, { resource } as object), stop(30, { resource } as object)];

  const roots = place({
    resources,
    series: [slow(SERVICE, 0, 0.1, 1), slow(CALLEE, 0, 0.04, 0.5), slow(other, 0, 0.04, 0.5)],
    stoppedTasks: [...stopsOf(CALLEE), ...stopsOf(other)],
  });

  expect(
    roots
      .slice(0, 2)
      .map(({ resource }) => resource)
      .sort(),
  ).toEqual([other, CALLEE].sort());
  expect(Math.abs((roots[0]?.share ?? 0) - (roots[1]?.share ?? 0))).toBeLessThan(0.1);
});

test('a failure of what it calls says of what, and why that', () => {
  const evidence = evidenceOf({
    resources: chain,
    openIncidents: { [CALLEE]: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' },
    series: [slow(SERVICE, 20, 0.1, 1), slow(CALLEE, 0, 0.04, 0.9)],
    window: { from: at(-1800), to: at(300), onset: at(0) },
  });

  const { hypotheses, roots } = diagnose(evidence);

  expect(roots?.[0]?.resource).toBe(CALLEE);
  expect(hypotheses[0]?.fault).toBe('dependency-failure');
  expect(hypotheses[0]?.because.at(-1)).toContain('Most speaks for prod/store');
});
