import { describe, expect, it } from 'vitest';
import { criterionOf, isDue, parseProbe, type Probe } from '../../layers/core/probe.ts';
import { isBad } from '../../layers/core/criterion.ts';
import { serviceArn } from '../runtime/samples.ts';

describe('a tag that asks for a probe', () => {
  it('needs a target only', () => {
    expect(parseProbe('probe', 'http://orders.internal:8080/health')).toEqual({
      id: 'probe',
      target: 'http://orders.internal:8080/health',
      interval: 60,
      retries: 3,
      grace: 120,
      timeout: 5,
      status: [200, 299],
    });
  });

  it('may say how often, how patiently and what is well, in any order', () => {
    expect(parseProbe('probe', 'https://a/b timeout=2 status=401 interval=300 grace=0 retries=1')).toMatchObject({
      interval: 300,
      retries: 1,
      grace: 0,
      timeout: 2,
      status: [401, 401],
    });
    expect(parseProbe('probe:db', 'tcp://10.0.0.5:5432')).toMatchObject({
      id: 'probe:db',
      target: 'tcp://10.0.0.5:5432',
    });
    expect(parseProbe('probe', 'http://a status=200-399')).toMatchObject({ status: [200, 399] });
  });

  it.each([
    ['', 'no target'],
    ['orders/health', 'no target'],
    ['ftp://orders/health', 'begins with http'],
    ['tcp://10.0.0.5', 'names its port'],
    ['tcp://10.0.0.5:22/x', 'has no path'],
    ['tcp://10.0.0.5:22 status=200', 'only HTTP has a status'],
    ['http://orders/health?deep=1', 'has no query'],
    ['http://orders interval=30', 'interval is a whole number from 60'],
    ['http://orders interval=90', 'a multiple of 60'],
    ['http://orders retries=0', 'retries is a whole number from 1'],
    ['http://orders timeout=1e9', 'timeout is a whole number from 1 to 10'],
    ['http://orders grace=soon', 'grace is a whole number'],
    ['http://orders status=200-100', 'a status is'],
    ['http://orders patience=3', '"patience" is no setting'],
    ['http://orders often', '"often" is no key=value'],
  ])('that says "%s" is refused with what would be right', (text, why) => {
    const { misread } = parseProbe('probe', text) as { misread: string };

    expect(misread).toContain(why);
    expect(misread).toContain('supply "http://');
  });

  it('with a password in it is refused without repeating the password', () => {
    const { misread } = parseProbe('probe', 'https://me:hunter2@orders/health') as { misread: string };

    expect(misread).toContain('no place for a user or password');
    expect(misread).not.toContain('hunter2');
  });
});

describe('a probe', () => {
  const probe = (changes: Partial<Probe> = {}): Probe => ({
    ...(parseProbe('probe', 'http://orders') as Probe),
    ...changes,
  });

  it('is a criterion of health that one failure makes bad', () => {
    const criterion = criterionOf(serviceArn(), probe({ interval: 300 }));

    expect([isBad(criterion, 0), isBad(criterion, 1)]).toEqual([false, true]);
    expect(criterion).toMatchObject({ id: 'probe', role: 'target', period: 300, missing: 'missing' });
  });

  it('is due once in its interval, and others at other times', () => {
    const arns = Array.from({ length: 60 }, () => serviceArn());
    const start = Date.parse('2026-11-01T00:00:00Z') / 1000;

    const ticks = arns.map((arn) =>
      Array.from({ length: 20 }, (_, n) => n).filter((n) => isDue(arn, probe({ interval: 600 }), start + 60 * n)),
    );

    for (const [first, second, ...others] of ticks) {
      expect(others).toEqual([]);
      expect(second! - first!).toBe(10);
    }
    expect(new Set(ticks.map(([first]) => first)).size).toBeGreaterThan(5);
  });
});
