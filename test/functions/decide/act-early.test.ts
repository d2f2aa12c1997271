import { describe, expect, it } from 'vitest';
import { quietestTime, SHORT, weighEarly } from '../../../functions/decide/act-early.ts';
import type { Candidate } from '../../../layers/core/plan.ts';
import type { Foretold } from '../../../layers/core/signal.ts';

const candidate: Candidate = {
  action: 'restart-service',
  params: {},
  resource: 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api',
  fault: 'memory-leak',
  risk: 'R2',
  success: 0.5,
  expectedSeconds: 120,
  because: [],
};
const restart = { disruption: 0.05, settles: { typical: 90, atMost: 600 } };
const foretold: Foretold = {
  series: 'memory',
  limit: { value: 100, when: 'above' },
  value: 60,
  slope: 0.01,
  inSeconds: 4000,
  earliest: 3500,
  latest: 4500,
  probability: 0.95,
  horizon: 7200,
};

describe('acting early', () => {
  it('is worth it for a sure forecast and a light action', () => {
    const { act, why } = weighEarly(candidate, restart, foretold, { alpha: 9, beta: 1 });

    expect(act).toBe(true);
    // 0.95 × 0.9 = 0.855; 20 + 0.05 × (90 + 0.5 × 600) = 39.5; 180 + 120 = 300; 0.855 × 0.5 × 300 = 128.
    expect(why).toEqual([
      'it fails with a probability of 86 %: 95 % by the forecast, and 90 % of such forecasts come true',
      'restart-service now costs about 40 s of trouble; failing costs about 300 s, of which acting early is expected to save 128 s',
    ]);
  });

  it('is not worth it when such forecasts seldom came true', () => {
    expect(weighEarly(candidate, restart, foretold, { alpha: 9, beta: 31 }).act).toBe(false);
  });

  it('is not worth it for an action that takes much away, or may turn out badly', () => {
    expect(weighEarly(candidate, { ...restart, disruption: 0.6 }, foretold, { alpha: 9, beta: 1 }).act).toBe(false);
    expect(weighEarly({ ...candidate, risk: 'R3' }, restart, foretold, { alpha: 9, beta: 1 }).act).toBe(false);
  });

  it('is not worth it for an action that hardly ever helps', () => {
    expect(weighEarly({ ...candidate, success: 0.1 }, restart, foretold, { alpha: 9, beta: 1 }).act).toBe(false);
  });
});

describe('the time to act', () => {
  /** Busy by day, quiet by night, a value each quarter of an hour from midnight. */
  const profile = Array.from({ length: 96 }, (_, slot) => 100 - 80 * Math.cos((2 * Math.PI * slot) / 96));
  const evening = Date.parse('2026-11-01T21:00:00.000Z') / 1000;

  it('is the quietest before it fails, with time to spare', () => {
    const moment = quietestTime(profile, evening, { earliest: 4 * 3600 }, 600);

    expect(moment.in).toBeGreaterThan(2.5 * 3600);
    expect(moment.in).toBeLessThanOrEqual(4 * 3600 - 600 - 600);
    expect(moment.why).toMatch(
      /^waiting until (?:23|00):\d\d UTC, the quietest time before it fails: \d+ % fewer requests than now$/,
    );
  });

  it('is now when the time left is short, when no time is much quieter, and when nothing is known', () => {
    const night = Date.parse('2026-11-01T23:50:00.000Z') / 1000;

    expect(quietestTime(profile, evening, { earliest: SHORT }, 600).in).toBe(0);
    expect(quietestTime(profile, night, { earliest: 4 * 3600 }, 600).in).toBe(0);
    expect(quietestTime([], evening, { earliest: 4 * 3600 }, 600)).toMatchObject({
      in: 0,
      why: expect.stringContaining('too little traffic'),
    });
  });
});
