import { LOOKED_BACK } from '../../functions/detect/forecast/foretell.ts';
import { step, type Points } from '../../functions/watch/series.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { hours, minutes, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { PERIOD, serviceOf, type Service } from './series.ts';
const MEMORY: any = {
  id: 'memory',
  resource: 'arn:aws:ecs:eu-west-1:111122223333:service/main/service',
  metric: {
    id: 'm',
    namespace: 'AWS/ECS',
    metric: 'MemoryUtilization',
    dimensions: {},
    stat: 'Maximum',
    period: PERIOD,
  },
  period: PERIOD,
  looksFor: 'forecast',
  limit: { value: 100, when: 'above' },
};
function settledAt(points: Points, now: Seconds): Points {
  const at = (time: Seconds): number => Math.max(0, Math.floor(time / PERIOD));
  return points.slice(at(now - LOOKED_BACK), at(now - 2 * PERIOD) + 1);
}
function watch({ points }: Service, from: Seconds, until: Seconds, interval: Seconds) {
  let kept: any;
  const told: any[] = [];
  for (let now = from; now <= until; now += interval) {
    const seen = step(MEMORY, kept, settledAt(points, now), new Date(now * 1000).toISOString(), DEFAULT_WATCH);
    kept = seen.keep ?? kept;
    if (seen.foretold) told.push(seen.foretold);
  }
  return told;
}
const seed = Number(process.argv[2] ?? 101),
  days = Number(process.argv[3] ?? 8),
  count = Number(process.argv[4] ?? 10);
const random = seeded(seed);
let n = 0;
const t0 = performance.now();
for (let i = 0; i < count; i++) {
  const s = serviceOf(random, days);
  const told = watch(s, hours(24), hours(24 * days), minutes(10));
  for (const { at, what } of told) {
    n++;
    const k = Math.floor(at / 60) - 2;
    const vals = (m: number) =>
      Array.from({ length: 13 }, (_, j) => s.points[Math.max(0, k - (12 - j) * m)]?.[1].toFixed(0)).join(' ');
    console.log(
      `service ${i} at ${(at / 3600).toFixed(1)}h value ${what.value.toFixed(1)} slope/h ${(what.slope * 3600).toFixed(1)} in ${(what.inSeconds / 60).toFixed(0)} min p ${what.probability.toFixed(2)} latest ${what.latest && (what.latest / 60).toFixed(0)}\n    5min: ${vals(5)}\n    1min: ${vals(1)}   after: ${[10, 30, 60, 120].map((j) => s.points[k + j]?.[1].toFixed(0)).join(' ')}`,
    );
  }
}
console.log(seed, n, 'in', count, 'services of', days - 1, 'days', ((performance.now() - t0) / 1000).toFixed(0), 's');
