import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signatureOf } from '../../../../functions/diagnose/knowledge/signature.ts';
import { Signature, similarity } from '../../../../layers/core/signature.ts';
import { at, change, deployment, evidenceOf, PARAMETER, series, SERVICE, stop, template } from '../../evidence.ts';
import { crashes } from './past.ts';

const OTHER = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/other';

describe('a signature', () => {
  test('names what moved, which messages, which change and how tasks ended', () => {
    const written = change('parameter-written', -60, { resource: PARAMETER });

    const signature = signatureOf(evidenceOf({ ...crashes, changes: [written, deployment(-1800)] }));

    expect(signature).toMatchObject({
      'own metric Errors up': expect.any(Number),
      'log missing setting <*>': 1,
      'log about unknown': 1,
      'change parameter-written of parameter': 1,
      'change deployment-started of own': 0.5,
      'stop exit 1': 1,
      'tasks short-lived': 1,
    });
    expect(signature['own metric Errors up']).toBeGreaterThan(0.5);
  });

  test('is the same for the same trouble of another resource, and unlike for other trouble', () => {
    const move = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(SERVICE, OTHER)) as T;
    const own = evidenceOf({ ...crashes, changes: [deployment(-60)] });
    const slow = evidenceOf({ logs: [template('upstream timed out', 30)], changes: [] });

    expect(signatureOf(move(own))).toEqual(signatureOf(own));
    expect(similarity(signatureOf(own), signatureOf(slow))).toBeLessThan(0.4);
  });

  test('holds still when points shake and lines vary in number', () => {
    const shaken = (seed: number) =>
      evidenceOf({
        stoppedTasks: [stop(10 + seed), stop(33), ...(seed % 2 ? [stop(50)] : [])],
        logs: [template('missing setting <*>', 20 + seed)],
        changes: [deployment(-60 - 30 * seed)],
        series: [series({}, (time) => (time < 0 ? seed % 3 : 40 + 7 * seed))],
      });

    for (const seed of [1, 2, 3, 4])
      expect(similarity(signatureOf(shaken(0)), signatureOf(shaken(seed)))).toBeGreaterThan(0.7);
  });

  test('holds no ARN, and is small', () => {
    const logs = Array.from({ length: 60 }, (_, n) =>
      template(`AccessDenied on ${SERVICE} part ${'abcdefghij'[n % 10]}${'klmnopqrst'[Math.floor(n / 10)]}`),
    );
    const many = Array.from({ length: 60 }, (_, n) =>
      series({ criterion: `c${n}`, metric: `Metric${n}` }, (time) => (time < 0 ? 1 : 50 + n)),
    );

    const signature = signatureOf(evidenceOf({ logs, series: many }));

    expect(Object.keys(signature).length).toBeLessThanOrEqual(40);
    expect(JSON.stringify(signature)).not.toContain('arn:');
    expect(JSON.stringify(signature).length).toBeLessThan(6000);
  });

  test('is finite and bounded whatever the evidence', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 5e-324, 1.7e308),
    );
    const points = fc.array(fc.tuple(fc.integer({ min: -1800, max: 300 }), value), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(points, { maxLength: 4 }), fc.array(fc.string(), { maxLength: 5 }), (lists, texts) => {
        const evidence = evidenceOf({
          series: lists.map((list, n) => ({
            ...series({ metric: `m${n}` }, () => 0),
            points: list.map(([time, v]) => [Date.parse(at(time)) / 1000, v]),
          })),
          logs: texts.map((text) => template(text)),
        });

        const signature = signatureOf(evidence);

        expect(Signature.parse(signature)).toEqual(signature);
        expect(signatureOf(evidence)).toEqual(signature);
      }),
    );
  });
});
