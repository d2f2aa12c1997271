import { describe, expect, test } from 'vitest';
import { byRules } from '../../../functions/diagnose/by-rules.ts';
import { outsideHost } from '../../../functions/diagnose/shared/outside-host.ts';
import { sharing } from '../../../functions/diagnose/shared/sharing.ts';
import { hasOwnCause, sharerOf, tracesOf } from '../../../functions/diagnose/shared/traces.ts';
import { HealthNotice } from '../../../layers/core/health-notice.ts';
import type { Share } from '../../../layers/core/common-cause.ts';
import {
  at,
  CALLEE,
  change,
  deployment,
  evidenceOf,
  PARAMETER,
  resourceOf,
  revision,
  SERVICE,
  service,
  stop,
  template,
} from '../evidence.ts';

test.each([
  ['connect ECONNREFUSED payments-db:5432', 'payments-db:5432'],
  ['request failed: Error: connect ECONNREFUSED 10.0.3.7:5432', '10.0.3.7:5432'],
  ['getaddrinfo ENOTFOUND DB.internal', 'db.internal'],
  ['getaddrinfo EAI_AGAIN payments-db', 'payments-db'],
  [
    'connection to server at "payments-db.abc.eu-west-1.rds.amazonaws.com" (10.0.0.4), port 5432 failed: Connection refused',
    'payments-db.abc.eu-west-1.rds.amazonaws.com',
  ],
  ['Connection to payments-db:5432 refused. Check that the hostname and port are correct', 'payments-db:5432'],
  ['dial tcp: lookup redis.prod on 10.0.0.2:53: no such host', 'redis.prod'],
  ['dial tcp 10.2.3.4:6379: connect: connection refused', '10.2.3.4:6379'],
  ['Could not connect to Redis at cache.local:6379: Connection refused', 'cache.local:6379'],
  ['could not translate host name "db-main" to address: Name or service not known', 'db-main'],
  ['fetch failed https://user:secret@api.example.com/v1/charges 503', 'api.example.com'],
])('"%s" names a host', (line, host) => {
  expect(outsideHost(line)).toBe(host);
});

test.each([
  'connect ECONNREFUSED 127.0.0.1:5432',
  'connect to localhost:8126 failed',
  'TypeError at /app/server.js:120:3',
  'at handler.ts:42',
  'read ECONNRESET on pooled connection 4711',
  'payments answered 503 at 12:30:05',
  'upstream timed out (110: Connection timed out) while connecting to upstream',
])('"%s" names no host outside', (line) => {
  expect(outsideHost(line)).toBeUndefined();
});

const REFUSED = {
  ...template('request failed: Error: connect ECONNREFUSED payments-db:<*>'),
  example: 'request failed: Error: connect ECONNREFUSED payments-db:5432',
  category: 'dependency',
};
const ill = (over: object = {}) => evidenceOf({ logs: [REFUSED], ...over });
const named = (evidence: ReturnType<typeof ill>) => tracesOf(evidence).map(({ kind, name }) => [kind, name]);

describe('an incident shows', () => {
  test('the host that its new log lines name, and what the error says', () => {
    expect(named(ill())).toEqual([
      ['host', 'payments-db:5432'],
      ['message', 'connect ECONNREFUSED payments-db:<*>'],
    ]);
  });

  test('nothing that was in its log before, nor its own errors', () => {
    expect(named(ill({ logs: [{ ...REFUSED, before: 20 }] }))).toEqual([]);
    const own = { ...template('request failed: TypeError: x is undefined'), category: 'process' };
    expect(named(ill({ logs: [own] }))).toEqual([]);
  });

  test('nothing of what it calls and is watched: the graph knows of that', () => {
    const resources = [resourceOf({ dependsOn: [CALLEE] }), resourceOf({ arn: CALLEE })];
    const store = { ...template('call failed: store answered <*>'), category: 'dependency' };

    expect(named(ill({ logs: [store], resources }))).toEqual([]);
  });

  test('an open issue of AWS Health that concerns it', () => {
    const notice = HealthNotice.parse({
      eventArn: 'arn:aws:health:eu-west-1::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/1',
      page: 1,
      service: 'ECS',
      region: 'eu-west-1',
      code: 'AWS_ECS_OPERATIONAL_ISSUE',
      category: 'issue',
      status: 'open',
      from: at(-60),
      updatedAt: at(0),
      said: '',
      resources: [],
    });

    expect(named(ill({ logs: [], health: [notice] }))).toEqual([['notice', notice.eventArn]]);
    expect(named(ill({ logs: [], health: [{ ...notice, category: 'scheduledChange' }] }))).toEqual([]);
  });

  test('the zone of all its failed tasks, where it runs in others, too', () => {
    const [a, b] = ['eu-west-1a', 'eu-west-1b'];
    const tasks = [a, b, b].map((zone, n) => ({ task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/${n}`, zone }));
    const stops = (...zones: string[]) => zones.map((zone, n) => stop(n * 10, { zone }));
    const seen = (over: object) => tracesOf(ill({ logs: [], services: [service({ tasks })], ...over }));

    expect(seen({ stoppedTasks: stops(a, a) })).toEqual([{ kind: 'zone', name: a, chance: 0.6 ** 2 }]);
    expect(seen({ stoppedTasks: stops(a, b) })).toEqual([]);
    expect(seen({ stoppedTasks: stops(a), services: [service({ tasks: tasks.slice(0, 1) })] })).toEqual([]);
    expect(seen({ stoppedTasks: [stop(0)] })).toEqual([]);
  });
});

describe('its cause is its own', () => {
  const says = (fault: string, confidence: number) =>
    ({ hypotheses: [{ resource: SERVICE, fault, confidence, because: ['x'] }] }) as Parameters<typeof hasOwnCause>[1];
  const unsure = says('unknown', 1);

  test.each([
    ['it was deployed just before', [deployment(-120)], true],
    ['it was only restarted', [deployment(-120, 7, 7)], false],
    ['it was deployed for the first time', [change('deployment-started', -120, { to: revision(7) })], false],
    ['it was deployed long before', [deployment(-7200)], false],
    ['a parameter that it reads was written', [change('parameter-written', -60, { resource: PARAMETER })], true],
    ['such a parameter was made', [change('parameter-written', -60, { resource: PARAMETER, to: '1' })], false],
    ['Prunella itself deployed it', [{ ...deployment(-120), incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF' }], false],
  ])('where %s', (_, changes, own) => {
    expect(hasOwnCause(ill({ changes }), unsure)).toBe(own);
  });

  test('where it is found in itself; then it shows nothing', () => {
    const incident = { incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF', resource: SERVICE };

    expect(sharerOf(incident, ill(), says('memory-leak', 0.8)).traces).toEqual([]);
    expect(sharerOf(incident, ill(), says('crash-loop', 0.8)).traces).toHaveLength(2);
  });
});

describe('evidence', () => {
  const incident = { incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF', resource: SERVICE };
  const share: Share = {
    kind: 'host',
    name: 'payments-db:5432',
    chance: 1e-4,
    with: [{ incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EG', resource: CALLEE, onset: at(10) }],
  };

  test('holds what others show as well, and that speaks for what cannot be reached', async () => {
    const alone = ill();
    const shared = await sharing(alone, incident, () => Promise.resolve([share]), at(300));

    const [first] = byRules(shared);
    expect(first).toMatchObject({ fault: 'dependency-failure' });
    expect(first!.because).toContain('The logs of prod/store say the same.');
    expect(first!.confidence).toBeGreaterThan(byRules(alone)[0]!.confidence);
  });

  test('is complete without it where it cannot be read, and says so', async () => {
    const alone = await sharing(ill(), incident, () => Promise.reject(new Error('the table is gone')), at(300));

    expect(alone.shared).toBeUndefined();
    expect(alone.gaps).toEqual(['what other incidents show was not heard: Error: the table is gone']);
  });
});
