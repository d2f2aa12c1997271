import { describe, expect, test } from 'vitest';
import { conclude } from '../../../../functions/diagnose/conclude.ts';
import { digestOf, LONGEST_DIGEST } from '../../../../functions/diagnose/language/digest.ts';
import { CALLEE, series, SERVICE, template } from '../../evidence.ts';
import { unsure } from './unsure.ts';

describe('what is sent', () => {
  const secretive = unsure({
    logs: [
      template(`login of ada@example.com from 10.1.2.3 to ${CALLEE} failed, password=hunter2`, 30),
      template(`task in account 111122223333 uses AKIAIOSFODNN7EXAMPLE`, 20),
    ],
    gaps: [`${SERVICE} could not be read: token=abcdef0123456789`],
  });

  test('holds no ARN, account id, address or secret, and no whole log line', () => {
    const { text } = digestOf(secretive, conclude(secretive));

    for (const never of ['arn:', '111122223333', 'hunter2', 'AKIA', 'ada@', '10.1.2.3', 'abcdef0123456789'])
      expect(text).not.toContain(never);
    expect(JSON.parse(text).logTemplates[0].template).toBe(
      'login of <email> from <address> to R2 failed, password=[redacted]',
    );
    expect(JSON.parse(text)).toMatchObject({
      resources: { R1: 'prod/api (ecs-service)', R2: 'prod/store (ecs-service)' },
      hypotheses: expect.arrayContaining([expect.objectContaining({ id: 'H1', resource: 'R1' })]),
    });
  });

  test('holds the numbers before and since, message shapes, changes and how tasks ended', () => {
    const { text } = digestOf(unsure(), conclude(unsure()));

    expect(JSON.parse(text)).toMatchObject({
      metrics: [{ resource: 'R1', metric: 'Errors', medianBefore: 0, medianSince: 40 }],
      logTemplates: [{ template: 'missing setting <*> for customer <*>', before: 0, since: 20 }],
      changes: [{ resource: 'R1', kind: 'deployment-started', secondsBeforeOnset: 300 }],
      failedTasks: [{ how: 'exit code 1 ', count: 2 }],
    });
  });

  test('is bounded however much there is, and keeps the hypotheses', () => {
    const much = unsure({
      logs: Array.from({ length: 200 }, (_, n) => template(`${'wide '.repeat(60)} ${n}`)),
      series: Array.from({ length: 300 }, (_, n) => series({ metric: `m${n}`.repeat(30) }, (time) => time)),
      gaps: Array.from({ length: 100 }, () => 'a gap '.repeat(90)),
    });
    const diagnosis = conclude(much);

    const { text, hypotheses } = digestOf(much, diagnosis);

    expect(text.length).toBeLessThanOrEqual(LONGEST_DIGEST);
    expect(JSON.parse(text).hypotheses).toHaveLength(hypotheses.length);
    expect(hypotheses.length).toBe(Math.min(8, diagnosis.hypotheses.length));
  });
});
