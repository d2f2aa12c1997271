import { describe, expect, it } from 'vitest';
import { signsGone, spokenGone, together } from '../../../functions/verify/early-signs.ts';
import type { EarlyLook, SpokenLook } from '../../../functions/detect/early/look.ts';

const resource = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const metric = { id: 'm', namespace: 'Shop', metric: 'Memory', dimensions: {}, stat: 'Maximum', period: 10 };
const base = { id: 's', at: '2026-11-01T12:00:00.000Z', resource, summary: '', detector: 'd' };
const acted = { appliedAt: 1000, settledAt: 1100, goodPoints: 3 };
/** 80 of 100 when it was acted on, at 0.1 a second: 200 s left. */
const foretold = {
  series: 's',
  limit: { value: 100, when: 'above' as const },
  value: 70,
  slope: 0.1,
  inSeconds: 300,
  earliest: 250,
  latest: 350,
  probability: 0.99,
  horizon: 7200,
};
const forecast = (after: readonly number[]): EarlyLook => ({
  signal: { ...base, kind: 'forecast', expectedAt: base.at, foretold },
  series: { id: 's', resource, metric, period: 10, looksFor: 'forecast', limit: foretold.limit },
  points: [[500, 20], [980, 79], [990, 80], ...after.map((value, i): [number, number] => [1100 + i * 10, value])],
});
const anomaly = (after: readonly number[]): EarlyLook => ({
  signal: {
    ...base,
    kind: 'anomaly',
    score: 1,
    carriers: [{ series: 's', value: 400, usual: { low: 80, high: 120 } }],
  },
  series: { id: 's', resource, metric, period: 10, looksFor: 'anomaly' },
  points: after.map((value, i): [number, number] => [1100 + i * 10, value]),
});

describe('what was foretold', () => {
  it('is gone when most of what had filled up is free again', () => {
    const gone = signsGone([forecast([20, 21, 22])], acted);

    expect(gone.kind).toBe('gone');
    expect(gone.why[0]).toContain('at the old pace its limit is 13 min away, it was 3 min');
  });

  it('is still there where little was freed', () => {
    expect(signsGone([forecast([70, 71, 72])], acted)).toMatchObject({ kind: 'still', again: 10 });
  });

  it('is gone when it left the limit that it had reached at once, however long it was there', () => {
    const full = {
      ...forecast([]),
      signal: {
        ...base,
        kind: 'forecast' as const,
        expectedAt: base.at,
        foretold: { ...foretold, value: 100, slope: 0, inSeconds: 0 },
      },
    };
    const look = (before: number, after: readonly number[]): EarlyLook => ({
      ...full,
      points: [[500, before], [990, 100], ...after.map((value, i): [number, number] => [1100 + i * 10, value])],
    });

    expect(signsGone([look(20, [21, 22, 21])], acted).kind).toBe('gone');
    expect(signsGone([look(100, [40, 41, 42])], acted).kind).toBe('gone');
    expect(signsGone([look(20, [100, 100, 100])], acted).kind).toBe('still');
    expect(signsGone([look(20, [90, 91, 92])], acted).kind).toBe('still');
  });

  it('needs as many points after settling as any other verdict; what was before does not count', () => {
    expect(signsGone([forecast([20, 21])], acted)).toMatchObject({ kind: 'too-early', again: 10 });
    expect(signsGone([forecast([])], acted)).toMatchObject({ kind: 'too-early', again: 30 });
  });
});

describe('what was odd', () => {
  it('is gone when no point since it settled is odd', () => {
    expect(signsGone([anomaly([100, 110, 130])], acted).kind).toBe('gone');
    expect(signsGone([anomaly([100, 390, 100])], acted).kind).toBe('still');
  });
});

describe('several signs', () => {
  it('must all be gone', () => {
    expect(signsGone([forecast([20, 21, 22]), anomaly([390, 380, 395])], acted).kind).toBe('still');
    expect(signsGone([forecast([20, 21, 22]), anomaly([100, 101, 102])], acted).kind).toBe('gone');
    expect(signsGone([], acted)).toEqual({ kind: 'gone', why: [] });
  });
});

describe('a message that was new in the log', () => {
  const message = { group: '/app/api', template: 'no ledger keeps article <*>', lines: 20, usual: 0 };
  const look = (heard?: readonly number[]): SpokenLook => ({
    message,
    summary: 'it is logged.',
    ...(heard ? { heard } : {}),
  });

  it('is gone when it was not logged for three minutes since it settled', () => {
    expect(spokenGone([look([])], acted, 1100 + 60)).toMatchObject({ kind: 'too-early', again: 120 });
    expect(spokenGone([look([1090])], acted, 1100 + 180)).toMatchObject({ kind: 'gone' });
    expect(spokenGone([look([1110])], acted, 1100 + 200)).toMatchObject({ kind: 'gone' });
  });

  it('is gone the sooner, the faster it was logged before', () => {
    const often = Array.from({ length: 60 }, (_, n) => 1095 - 4 * n);

    expect(spokenGone([look(often)], acted, 1100 + 49)).toMatchObject({ kind: 'too-early', again: 10 });
    expect(spokenGone([look(often)], acted, 1100 + 50).kind).toBe('gone');
    expect(spokenGone([look([...often, ...often, ...often])], acted, 1100 + 30).kind).toBe('gone');
  });

  it('is not gone while it is logged, or where the log cannot be read', () => {
    expect(spokenGone([look([1105, 1250])], acted, 1100 + 180)).toMatchObject({ kind: 'still' });
    expect(spokenGone([look()], acted, 1100 + 180)).toMatchObject({ kind: 'too-early' });
  });

  it('counts beside all other signs', () => {
    const gone = spokenGone([look([])], acted, 1100 + 180);

    expect(together([gone, spokenGone([look([1250])], acted, 1280)]).kind).toBe('still');
    expect(together([signsGone([], acted), gone]).kind).toBe('gone');
  });
});
