import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byRules } from '../../../functions/diagnose/by-rules.ts';
import { diagnose } from '../../../functions/diagnose/diagnose.ts';
import { rules } from '../../../functions/diagnose/rules.generated.ts';
import { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import { FAULTS, type Fault } from '../../../layers/core/taxonomy.ts';
import {
  ALIAS,
  CALLEE,
  PARAMETER,
  SERVICE,
  alarm,
  at,
  change,
  criterion,
  deployment,
  evidenceOf,
  resourceOf,
  revision,
  series,
  service,
  stop,
  template,
} from '../evidence.ts';

const starved = { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' };
const rising = series(
  { criterion: 'context:MemoryUtilization', metric: 'MemoryUtilization', from: -600, to: 290 },
  (time) => 30 + (time + 600) / 15,
);
const flat = series({ criterion: 'context:MemoryUtilization', metric: 'MemoryUtilization' }, () => 45);
const requests = (before: number, after: number) =>
  series({ criterion: 'api-errors#traffic', metric: 'Requests' }, (time) => (time < 0 ? before : after));
const cpu = (after: number) =>
  series({ criterion: 'context:CPUUtilization', metric: 'CPUUtilization' }, (time) => (time < 0 ? 30 : after));
const errors = series({}, (time) => (time < 0 ? 0 : 40));
const written = (seconds: number) => change('parameter-written', seconds, { resource: PARAMETER, from: '2', to: '3' });
const restarted = {
  tasks: [1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/n${n}`,
    startedAt: at(-20),
    targetHealth: 'healthy',
  })),
};
const callee = resourceOf({
  arn: CALLEE,
  alarms: [alarm('store-errors', [criterion({ id: 'store-errors', resource: CALLEE })])],
  parameters: [],
});
const calling = { resources: [resourceOf({ dependsOn: [CALLEE] }), callee] };
const calleeBad = series({ resource: CALLEE, criterion: 'store-errors' }, (time) => (time < -20 ? 0 : 50));
const aliasResource = resourceOf({
  arn: ALIAS,
  alarms: [alarm('quote-errors', [criterion({ id: 'quote-errors', resource: ALIAS })])],
  parameters: [],
});
const aliasAt = (version: string) => ({
  resource: ALIAS,
  resources: [aliasResource],
  services: [],
  series: [series({ resource: ALIAS, criterion: 'quote-errors' }, (time) => (time < 0 ? 0 : 40))],
  aliases: [{ resource: ALIAS, version, previous: [{ version: '4', until: at(-60) }], routing: {} }],
});
const unwell = (...which: number[]) => ({
  tasks: [0, 1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/t${n}`,
    startedAt: at(-3600),
    targetHealth: which.includes(n) ? 'unhealthy' : 'healthy',
  })),
});

const foretold = (series: string, summary: string) => ({
  kind: 'forecast' as const,
  id: 'foretold',
  at: at(0),
  resource: SERVICE,
  summary,
  detector: 'exhaustion',
  expectedAt: at(2400),
  foretold: {
    series,
    limit: { value: 100, when: 'above' as const },
    value: 60,
    slope: 0.02,
    inSeconds: 2000,
    earliest: 1800,
    latest: 2200,
    probability: 0.99,
    horizon: 7200,
  },
});
const TABLE = 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders';
const refused = {
  kind: 'anomaly' as const,
  id: 'refused',
  at: at(0),
  resource: TABLE,
  summary: 'AWS refuses calls to orders.',
  detector: 'refusals',
  score: 1,
  carriers: [{ series: 'ReadThrottleEvents', value: 20, usual: { low: 0, high: 0 } }],
};
const notice = (over: Partial<HealthNotice> = {}): HealthNotice => ({
  eventArn: 'arn:aws:health:eu-west-1::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/1',
  page: 1,
  service: 'ECS',
  region: 'eu-west-1',
  code: 'AWS_ECS_OPERATIONAL_ISSUE',
  category: 'issue',
  status: 'open',
  from: at(-300),
  updatedAt: at(0),
  said: 'Increased error rates.',
  resources: [],
  ...over,
});
const stalled = (running: number) => ({
  kind: 'deployment-stalled' as const,
  id: 'stalled',
  at: at(0),
  resource: SERVICE,
  summary: 'The deployment does not come to an end.',
  deployment: 'ecs-svc/1',
  running,
  desired: 2,
  failed: 0,
});
const said = (category: string, text: string, example = text) => ({ ...template(text, 40), category, example });
const OTHER_CALLEE = CALLEE.replace('store', 'stock');
const freshTasks = (seconds: number) =>
  [1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/f${n}`,
    startedAt: at(seconds),
    targetHealth: 'healthy',
  }));
const longLived = { exitCode: 137, reason: 'OutOfMemoryError: killed', startedAt: at(-3600) };
const consuming = series(
  { criterion: 'api-age', metric: 'ApproximateAgeOfOldestMessage', period: 60, from: -600, to: 60 },
  () => 0,
);

/** What the evidence shows, and the fault it speaks for most. */
const CASES: readonly (readonly [string, Fault, object])[] = [
  [
    'connections that will run out',
    'connection-leak',
    { signals: [foretold('limit:Connections', 'Connections run out.')] },
  ],
  [
    'memory that will run out, as a forecast alone says',
    'memory-leak',
    { signals: [foretold('memory', 'Memory runs out.')] },
  ],
  [
    'errors that are new in a revision deployed a minute before',
    'bad-deployment',
    { changes: [deployment(-60)], logs: [template('TypeError: x is undefined')] },
  ],
  [
    'tasks of a new revision that keep dying',
    'bad-deployment',
    { changes: [deployment(-30)], stoppedTasks: [stop(10), stop(30), stop(50)], logs: [template('boom')] },
  ],
  [
    'a deployment that ECS gave up',
    'bad-deployment',
    {
      changes: [deployment(-60)],
      signals: [
        {
          kind: 'deployment-failed',
          id: 's',
          at: at(10),
          resource: resourceOf().arn,
          summary: 'failed',
          deployment: 'd',
          reason: 'r',
        },
      ],
    },
  ],
  [
    'a deployment that does not come to an end',
    'bad-deployment',
    { changes: [deployment(0)], services: [service({ deploymentInProgress: true })], signals: [stalled(0)] },
  ],
  [
    'a deployment of the same revision that cannot start its tasks',
    'placement-failure',
    {
      changes: [change('deployment-started', 0, { from: revision(7), to: revision(7) })],
      stoppedTasks: [1, 2, 3].map((n) => stop(60 * n, { stopCode: 'TaskFailedToStart', exitCode: undefined })),
      signals: [stalled(0)],
    },
  ],
  [
    'a deployment whose tasks all run, while those before do not end',
    'unknown',
    { changes: [deployment(0)], services: [service({ deploymentInProgress: true })], signals: [stalled(2)] },
  ],
  [
    'errors while AWS reports an issue of the service that it runs on',
    'external-outage',
    { health: [notice()], logs: [template('the request could not be completed')] },
  ],
  [
    'nothing but an issue of AWS that names the resource',
    'external-outage',
    { health: [notice({ resources: [SERVICE] })], series: [] },
  ],
  [
    'calls that AWS refuses',
    'throttling',
    {
      resource: TABLE,
      resources: [resourceOf({ arn: TABLE, alarms: [], parameters: [] })],
      services: [],
      signals: [refused],
      series: [
        series(
          {
            resource: TABLE,
            criterion: 'context:ReadThrottleEvents',
            metric: 'ReadThrottleEvents',
            period: 60,
            from: 0,
          },
          () => 20,
        ),
      ],
    },
  ],
  ['tasks that keep dying without any change', 'crash-loop', { stoppedTasks: [stop(0), stop(20), stop(40)] }],
  [
    'tasks that keep dying, hours after a deployment',
    'crash-loop',
    { changes: [deployment(-4 * 3600)], stoppedTasks: [stop(0), stop(20), stop(40)] },
  ],
  [
    'a parameter written, then restarted tasks that fail on it',
    'bad-configuration',
    { changes: [written(-60)], services: [service(restarted)], logs: [template('invalid setting limit')] },
  ],
  [
    'a parameter written, then crashing tasks',
    'bad-configuration',
    { changes: [written(-60)], stoppedTasks: [stop(0), stop(20)], logs: [template('cannot parse configuration')] },
  ],
  [
    'memory that rises until tasks are killed',
    'memory-leak',
    { series: [errors, rising], stoppedTasks: [stop(0, { ...starved, startedAt: at(-900) })] },
  ],
  ['memory that rises to the alarm, before any task died', 'memory-leak', { series: [rising] }],
  [
    'memory that rises, minutes after an innocent deployment',
    'memory-leak',
    { changes: [deployment(-600)], series: [rising] },
  ],
  [
    'every task out of memory as soon as it starts',
    'memory-limit',
    { series: [errors, flat], stoppedTasks: [stop(0, starved), stop(15, starved), stop(30, starved)] },
  ],
  [
    'twice the requests, a busy processor and a full queue',
    'overload',
    {
      series: [errors, requests(100, 220), cpu(92)],
      logs: [template('Busy: every slot is taken and the queue is full')],
    },
  ],
  [
    'twice the requests after an innocent scale-in',
    'overload',
    { series: [errors, requests(100, 220), cpu(92)], changes: [change('scaled', -300, { to: 'desiredCount=2' })] },
  ],
  [
    'an alias moved shortly before',
    'bad-function-version',
    { ...aliasAt('5'), changes: [change('alias-moved', -60, { resource: ALIAS, from: '4', to: '5' })] },
  ],
  ['one unhealthy task of three', 'bad-task', { services: [service({ ...unwell(1), desired: 3, running: 3 })] }],
  [
    'a callee with an open incident, named in the log',
    'dependency-failure',
    {
      ...calling,
      openIncidents: { [CALLEE]: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' },
      series: [errors, calleeBad],
      logs: [template('store answered <*>')],
    },
  ],
  [
    'a callee that the log names, a minute after an innocent deployment',
    'dependency-failure',
    { ...calling, changes: [deployment(-70)], logs: [template('CallFailed: store answered <*>')] },
  ],
  [
    'a new revision that calls its callee wrongly, while the callee is well',
    'bad-deployment',
    {
      ...calling,
      changes: [deployment(-30)],
      series: [errors, series({ resource: CALLEE, criterion: 'store-errors' }, () => 0)],
      logs: [template('CallFailed: store answered 400')],
    },
  ],
  [
    'a callee that only the log names yet',
    'dependency-failure',
    { ...calling, logs: [template('CallFailed: store answered <*>')] },
  ],
  [
    'two callees that the log names by halves, a minute after an innocent deployment',
    'dependency-failure',
    {
      resources: [
        resourceOf({ dependsOn: [CALLEE, OTHER_CALLEE] }),
        callee,
        resourceOf({ arn: OTHER_CALLEE, alarms: [], parameters: [] }),
      ],
      series: [errors, calleeBad],
      changes: [deployment(-70)],
      logs: [
        said('dependency', 'CallFailed: store answered <*>'),
        said('dependency', 'CallFailed: stock answered <*>'),
      ],
    },
  ],
  [
    'a provider that nobody watches',
    'dependency-failure',
    {
      ...calling,
      logs: [said('dependency', 'CallFailed: payments answered <*>', 'CallFailed: payments answered 503')],
    },
  ],
  [
    'rows that cannot be read, minutes after an innocent deployment',
    'data-corruption',
    {
      changes: [deployment(-150)],
      services: [service({ tasks: freshTasks(-110) })],
      logs: [said('data', 'row <*> has no currency: checksum mismatch')],
    },
  ],
  [
    'memory that suffices no more all at once',
    'memory-limit',
    { series: [errors, flat], stoppedTasks: [stop(2, longLived), stop(3, longLived)] },
  ],
  [
    'work that a queue brings again because it fails',
    'stale-connection',
    {
      series: [errors, requests(40, 80), consuming],
      logs: [template('ECONNRESET: the pooled connection was reset')],
    },
  ],
  ['a callee that is bad since just before', 'dependency-failure', { ...calling, series: [errors, calleeBad] }],
  [
    'tasks that cannot be started',
    'placement-failure',
    {
      stoppedTasks: [0, 20, 40].map((time) =>
        stop(time, { stopCode: 'TaskFailedToStart', reason: 'CannotPullContainerError' }),
      ),
    },
  ],
  [
    'tasks that all run and answer nothing',
    'deadlock',
    { services: [service({ ...unwell(0, 1, 2), desired: 3, running: 3 })] },
  ],
  [
    'connections that no longer work',
    'stale-connection',
    { logs: [template('connect ECONNRESET: connection reset by peer')] },
  ],
  ['errors, and nothing that explains them', 'unknown', {}],
];

test.each(CASES)('%s is %s', (_name, fault, over) => {
  const diagnosis = diagnose(evidenceOf(over));

  expect(diagnosis.hypotheses[0]?.fault).toBe(fault);
});

describe('a diagnosis', () => {
  test.each(CASES)(
    'of %s gives its reasons in sentences, and confidences that add up to one',
    (_name, _fault, over) => {
      const diagnosis = Diagnosis.parse(diagnose(evidenceOf(over)));

      expect(diagnosis.hypotheses.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 10);
      expect(diagnosis.hypotheses.flatMap(({ because }) => because).filter((sentence) => sentence.length < 15)).toEqual(
        [],
      );
    },
  );

  test('is the same, bit for bit, whatever order the evidence came in', () => {
    const cases = CASES.map(([, , over]) => evidenceOf(over));

    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.infiniteStream(fc.integer()), (evidence, dice) => {
        const shuffle = <T>(list: readonly T[]): T[] =>
          [...list]
            .map((item) => [dice.next().value as number, item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const shuffled: Evidence = {
          ...evidence,
          changes: shuffle(evidence.changes),
          stoppedTasks: shuffle(evidence.stoppedTasks),
          series: shuffle(evidence.series),
          services: shuffle(evidence.services),
        };

        expect(JSON.stringify(diagnose(shuffled))).toBe(JSON.stringify(diagnose(evidence)));
      }),
      { numRuns: 200 },
    );
  });

  test('takes a deployment of the revision that ran before for what it is: a restart', () => {
    const diagnosis = diagnose(evidenceOf({ changes: [deployment(-60, 7, 7)], stoppedTasks: [stop(10), stop(30)] }));

    expect(diagnosis.hypotheses.map(({ fault }) => fault)).not.toContain('bad-deployment');
  });

  describe('of memory that reaches its alarm two minutes after a deployment', () => {
    const memory = criterion({
      id: 'api-memory',
      queries: [
        { id: 'm', namespace: 'AWS/ECS', metric: 'MemoryUtilization', dimensions: {}, stat: 'Maximum', period: 10 },
      ],
    });
    const alarmed = {
      kind: 'alarm',
      id: 'a',
      at: at(20),
      resource: SERVICE,
      summary: 'ALARM',
      alarm: 'api-memory',
      alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:api-memory',
      state: 'ALARM',
    };
    const risesAfter = (start: number) =>
      evidenceOf({
        resources: [resourceOf({ alarms: [alarm('api-memory', [memory])] })],
        signals: [alarmed],
        changes: [deployment(-120)],
        series: [
          series({ criterion: 'api-memory', metric: 'MemoryUtilization', to: 50 }, (time) =>
            time < start ? 12 : Math.min(91, 12 + (time - start) * 1.3),
          ),
        ],
      });

    test('blames neither alone when it rose with the deployment', () => {
      const [first, second] = byRules(risesAfter(-120));

      expect([first?.fault, second?.fault].sort()).toEqual(['bad-deployment', 'memory-leak']);
      expect((first?.confidence ?? 0) - (second?.confidence ?? 0)).toBeLessThan(0.15);
    });

    test('hardly blames the deployment when memory stayed level for a minute after it', () => {
      const { hypotheses } = diagnose(risesAfter(-60));
      const deployment = hypotheses.find(({ fault }) => fault === 'bad-deployment');

      expect(hypotheses[0]).toMatchObject({ fault: 'memory-leak' });
      expect(deployment?.confidence).toBeLessThan(0.1);
      expect(deployment?.because.join(' ')).toContain('its memory stayed level for 60 s after that');
    });
  });

  test('does not take an unexpected token of a parser for one that has expired', () => {
    const diagnosis = diagnose(evidenceOf({ logs: [said('data', 'SyntaxError: Unexpected token <*> in JSON')] }));

    expect(diagnosis.hypotheses.map(({ fault }) => fault)).not.toContain('stale-connection');
  });

  test('does not count tasks that failed before an earlier incident was healed', () => {
    const healed = { ...deployment(-60), incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' };
    const failed = [stop(-100, starved), stop(-80, starved)];

    const now = diagnose(evidenceOf({ changes: [healed], stoppedTasks: failed }));
    const then = diagnose(evidenceOf({ stoppedTasks: failed }));

    expect(now.hypotheses[0]?.fault).toBe('unknown');
    expect(then.hypotheses[0]?.fault).toBe('memory-limit');
  });

  test('does not blame a parameter that was first read by tasks of a later moment, or read long before', () => {
    const withTasks = (startedAt: number) =>
      byRules(evidenceOf({ changes: [written(-600)], services: [service({ tasks: freshTasks(startedAt) })] })).find(
        ({ fault }) => fault === 'bad-configuration',
      )?.confidence ?? 0;

    expect(withTasks(120)).toBeLessThan(0.3);
    expect(withTasks(-500)).toBeLessThan(withTasks(-20));
    expect(withTasks(-20)).toBeGreaterThan(0.5);
  });

  test('does not blame a parameter that no task has read yet', () => {
    const diagnosis = diagnose(evidenceOf({ changes: [written(-60)] }));

    expect(diagnosis.hypotheses[0]?.fault).toBe('unknown');
  });

  test('does not take the half-empty minute of a start for the usual load', () => {
    const minutes = series(
      { criterion: 'context:RequestCount', metric: 'RequestCount', period: 60, from: -120, to: 240 },
      (time) => (time < -60 ? 10 : 92),
    );

    expect(diagnose(evidenceOf({ series: [errors, minutes] })).hypotheses.map(({ fault }) => fault)).not.toContain(
      'overload',
    );
  });

  test('does not blame its own earlier action', () => {
    const own = { ...deployment(-60), incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' };

    expect(diagnose(evidenceOf({ changes: [own] })).hypotheses.map(({ fault }) => fault)).not.toContain(
      'bad-deployment',
    );
  });

  test('names what is not known', () => {
    expect(diagnose(evidenceOf({ gaps: ['the log could not be read'] })).gaps).toEqual(['the log could not be read']);
  });

  test.each([
    ['critical', { services: [service({ running: 0, tasks: [] })] }],
    ['high', { services: [service({ running: 1 })] }],
    ['high', {}],
    ['low', { series: [series({}, () => 0)] }],
  ])('is %s when it should be', (severity, over) => {
    expect(diagnose(evidenceOf(over)).severity).toBe(severity);
  });
});

describe.each(Object.entries(rules))('rule %s', (name, rule) => {
  test('is named as its file and looks for a known fault', () => {
    expect(rule.name).toBe(name);
    expect(FAULTS).toHaveProperty(rule.fault);
  });

  test('weighs between 0 and 1 with reasons, and never throws on thin evidence', () => {
    const thin = [
      evidenceOf({ series: [], services: [], resources: [resourceOf({ alarms: [], parameters: [] })] }),
      ...CASES.map(([, , over]) => evidenceOf(over)),
    ];
    const findings = thin.flatMap((evidence) => rule.find(evidence));

    expect(findings.every(({ weight, because }) => weight >= 0 && weight <= 1 && because.length > 0)).toBe(true);
  });
});

test('every rule wins some case', () => {
  const winners = new Set(CASES.map(([, , over]) => diagnose(evidenceOf(over)).hypotheses[0]?.fault));

  expect([...winners].sort()).toEqual([...new Set(Object.values(rules).map(({ fault }) => fault))].sort());
});

describe('the rule external-outage', () => {
  const weightOf = (health: HealthNotice, over: object = {}) =>
    rules['external-outage'].find(evidenceOf({ health: [health], ...over }))[0]?.weight;

  test.each([
    ['an issue of another service', notice({ service: 'DYNAMODB' })],
    ['an issue in another Region', notice({ region: 'us-east-1' })],
    ['an issue that names other resources', notice({ resources: [CALLEE] })],
    ['an issue that was over before', notice({ status: 'closed', from: at(-7200), to: at(-3600) })],
    ['a planned change', notice({ category: 'scheduledChange', resources: [SERVICE] })],
    ['a notification', notice({ category: 'accountNotification', resources: [SERVICE] })],
  ])('says nothing of %s', (_, health) => {
    expect(weightOf(health)).toBeUndefined();
  });

  test('weighs what is named more than what is of the service as a whole, and what is called less', () => {
    const named = weightOf(notice({ resources: [SERVICE] }))!;
    const whole = weightOf(notice())!;
    const called = weightOf(notice({ resources: [CALLEE] }), calling)!;
    const old = weightOf(notice({ from: at(-12 * 3600) }))!;

    expect(named).toBeGreaterThan(called);
    expect(called).toBeGreaterThan(whole);
    expect(whole).toBeGreaterThan(old);
  });

  test('believes the signal where the notice was not recorded yet', () => {
    const summary = 'AWS Health reports AWS_ECS_OPERATIONAL_ISSUE.';
    const signal = { kind: 'health-event', id: 'h', at: at(0), resource: SERVICE, summary, service: 'ECS', event: 'X' };

    const found = rules['external-outage'].find(evidenceOf({ signals: [signal] }));

    expect(found).toEqual([
      { resource: SERVICE, weight: weightOf(notice({ resources: [SERVICE] })), because: [summary] },
    ]);
  });

  test('knows an alias by the name of its function', () => {
    const named = notice({ service: 'LAMBDA', resources: [ALIAS.replace(':live', '')] });

    expect(rules['external-outage'].find(evidenceOf({ ...aliasAt('5'), health: [named] }))).toHaveLength(1);
  });
});
