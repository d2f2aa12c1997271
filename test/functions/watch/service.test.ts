import { beforeAll, describe, expect, it } from 'vitest';
import {
  isToBeLearned,
  LEARNED_FOR,
  readTogetherFrom,
  stepTogether,
  togetherOf,
} from '../../../functions/watch/service.ts';
import { signalsOf } from '../../../functions/watch/tell.ts';
import type { ServiceModel } from '../../../functions/detect/multivariate/service-model.ts';
import { compressed, decompressed } from '../../../layers/core/packed.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { addSeconds, hours, minutes, type Instant } from '../../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import { seriesOf, type Points, type WatchedSeries } from '../../../layers/core/watched-series.ts';
import type { KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { aResource } from '../../runtime/samples.ts';

const START = '2026-11-01T00:00:00.000Z';
const LEARNED_AT = addSeconds(START, hours(14 * 24));
const DAY = hours(24);
const epoch = (at: Instant): number => Date.parse(at) / 1000;

const tag = (metric: string) => ({
  id: `watch:${metric}`,
  namespace: 'Shop',
  metric,
  dimensions: {},
  stat: 'Average',
  period: 300,
});
const resource = aResource({ metrics: [tag('Requests'), tag('Latency'), tag('Connections')] });
const series = togetherOf(seriesOf(resource)).filter(({ id }) => id.startsWith('watch:'));

/** Requests by the time of day, connections and latency with them; `odd` changes a row. */
function points(from: Instant, to: Instant, odd: (row: number[], at: number) => number[] = (row) => row) {
  const found = new Map<WatchedSeries, [number, number][]>(series.map((one) => [one, []]));
  for (let at = epoch(from); at < epoch(to); at += 300) {
    const random = seeded(at / 300);
    const noise = (): number => random() + random() + random() - 1.5;
    const requests = 1000 * (1 + 0.5 * Math.sin((2 * Math.PI * at) / DAY)) * (1 + 0.05 * noise());
    const row = [requests, 80 + 10 * noise(), 20 + requests / 20 + 3 * noise()];
    for (const [n, value] of odd(row, at).entries()) found.get(series[n]!)!.push([at, value]);
  }
  return found as ReadonlyMap<WatchedSeries, Points>;
}

const stepAt = (now: Instant, kept: KeptSeries | undefined, seen: ReadonlyMap<WatchedSeries, Points>, told = false) =>
  stepTogether(series, seen, kept, now, DEFAULT_WATCH, told);

let kept: KeptSeries;
beforeAll(() => {
  kept = stepAt(LEARNED_AT, undefined, points(START, LEARNED_AT)).keep!;
});

/** At night as many connections as at noon: no metric leaves its range. */
const NIGHT = addSeconds(LEARNED_AT, hours(18));
const leaking = (row: number[], at: number): number[] => (at < epoch(NIGHT) ? row : [row[0]!, row[1]!, 85]);
const NOW = addSeconds(NIGHT, hours(1));
const back = addSeconds(NOW, -hours(9));

describe('all metrics of a resource together', () => {
  it('tell what none tells by itself, and name what carries it against what is usual', () => {
    const { odd, keep } = stepAt(NOW, kept, points(back, NOW, leaking));

    const [signal, ...others] = signalsOf(resource.arn, [], odd);
    expect(others).toEqual([]);
    const carriers = signal!.kind === 'anomaly' ? signal!.carriers! : [];
    expect(carriers[0]).toMatchObject({ series: 'watch:Connections', value: 85 });
    expect(carriers[0]!.usual.low).toBeLessThan(85);
    expect(carriers[0]!.usual.high).toBeGreaterThan(85);
    expect(signal!.summary).toMatch(/watch:Connections is 85, usual is \d+(\.\d)? to \d+(\.\d)? \(carries \d+ %\)/);
    expect(epoch(signal!.at)).toBeGreaterThanOrEqual(epoch(NIGHT));
    expect(keep).toMatchObject({ version: 2, keptAt: kept.keptAt });
  });

  it('tell an episode once, however often it is looked at and though it pauses, and again when it begins anew', () => {
    const first = stepAt(NOW, kept, points(back, NOW, leaking)).keep!;
    const later = addSeconds(NOW, hours(2));

    expect(stepAt(later, first, points(back, later, leaking))).toEqual({});

    const pausingFor = (pause: number) => (row: number[], at: number) => {
      const hour = (at - epoch(NIGHT)) / 3600;
      return hour < 0 || (hour > 1.5 && hour < 1.5 + pause) ? row : [row[0]!, row[1]!, 85];
    };
    const anew = addSeconds(NIGHT, hours(5));
    expect(stepAt(anew, first, points(back, anew, pausingFor(2))).odd).toBeDefined();
    expect(stepAt(anew, first, points(back, anew, pausingFor(0.3)))).toEqual({});
  });

  it('say nothing of what one of them told by itself within the hour', () => {
    const early = addSeconds(NIGHT, minutes(20));

    const told = stepAt(early, kept, points(back, early, leaking), true);

    expect(told.odd).toBeUndefined();
    expect(stepAt(NOW, told.keep, points(back, NOW, leaking))).toEqual({});
  });

  it('alert about as seldom as their owner wants while all is well', () => {
    let [state, alerts] = [kept, 0];
    for (let at = LEARNED_AT; at < addSeconds(LEARNED_AT, LEARNED_FOR); at = addSeconds(at, hours(6))) {
      const now = addSeconds(at, hours(6));
      const { odd, keep } = stepAt(now, { ...state, keptAt: now }, points(addSeconds(at, -hours(3)), now));
      state = keep ?? state;
      alerts += odd ? 1 : 0;
    }

    expect(alerts).toBeLessThanOrEqual(2);
  });

  it('write nothing between: what was learned stands for a week', () => {
    const now = addSeconds(LEARNED_AT, hours(30));

    expect(stepAt(now, kept, points(addSeconds(now, -hours(12)), now))).toEqual({});
    expect(kept.detector!.byteLength).toBeLessThan(80_000);
    expect(isToBeLearned(kept, addSeconds(LEARNED_AT, LEARNED_FOR - 1))).toBe(false);
    expect(isToBeLearned(kept, addSeconds(LEARNED_AT, LEARNED_FOR))).toBe(true);
    expect(epoch(now) - readTogetherFrom(kept, now)).toBeLessThanOrEqual(hours(12));
    expect(epoch(now) - readTogetherFrom(undefined, now)).toBe(hours(14 * 24));
  });

  it('are not judged before three days are known, nor of other metrics than were learned', () => {
    const soon = addSeconds(START, hours(48));
    expect(stepAt(soon, undefined, points(START, soon))).toEqual({});

    const other = { ...kept, detector: kept.detector };
    const two = stepTogether(series.slice(0, 2), points(back, NOW), other, NOW, DEFAULT_WATCH, false);
    expect(two.keep).toEqual({ version: 2, last: expect.any(Number) as number, keptAt: NOW });
    expect(isToBeLearned(two.keep, NOW)).toBe(true);
  });

  it('are learned anew when they were learned by other detectors than there are', () => {
    const { model, usual } = decompressed(kept.detector!) as { model: ServiceModel; usual: unknown };
    const fewer = compressed({ model: { ...model, parts: model.parts.slice(1) }, usual });

    const { odd, keep } = stepAt(NOW, { ...kept, detector: fewer }, points(back, NOW, leaking));

    expect(odd).toBeUndefined();
    expect(isToBeLearned(keep, NOW)).toBe(true);
  });

  it('are at least three, of periods that last', () => {
    const named = (period: number) => seriesOf(aResource({ metrics: [{ ...tag('A'), period }] })).map(({ id }) => id);

    expect(togetherOf(seriesOf(aResource())).map(({ id }) => id)).toEqual([
      'memory',
      'CPUUtilization',
      'MemoryUtilization',
    ]);
    expect(named(10)).toContain('watch:A');
    expect(
      togetherOf(seriesOf(aResource({ metrics: [{ ...tag('A'), period: 10 }] }))).map(({ id }) => id),
    ).not.toContain('watch:A');
    expect(togetherOf(seriesOf(aResource({ type: 'target-group' })))).toEqual([]);
  });
});
