import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byRules } from '../../../functions/diagnose/by-rules.ts';
import { diagnose } from '../../../functions/diagnose/diagnose.ts';
import { rules } from '../../../functions/diagnose/rules.generated.ts';
import { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import { FAULTS } from '../../../layers/core/taxonomy.ts';
import {
  ALIAS,
  CALLEE,
  SERVICE,
  alarm,
  at,
  criterion,
  deployment,
  evidenceOf,
  resourceOf,
  series,
  service,
  stop,
} from '../evidence.ts';
import { aliasAt, calling, CASES, errors, freshTasks, notice, said, starved, written } from './cases.ts';

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
