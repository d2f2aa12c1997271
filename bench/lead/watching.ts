/** A service's memory through the forecast, as Watch steps it and Detect judges it. */
import { judgePatiently } from '../../functions/detect/early/judge.ts';
import { LOOKED_BACK } from '../../functions/detect/forecast/foretell.ts';
import { step } from '../../functions/watch/series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import { minutes, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import type { Points, WatchedSeries } from '../../layers/core/watched-series.ts';
import { PERIOD, type Service } from './series.ts';

const ARN = 'arn:aws:ecs:eu-west-1:111122223333:service/main/service';

/** As `seriesOf` makes it of a service. */
const MEMORY: WatchedSeries = {
  id: 'memory',
  resource: ARN,
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

export interface Told {
  readonly at: Seconds;
  readonly what: Foretold;
}

export interface Looks {
  readonly from: Seconds;
  readonly until: Seconds;
  readonly interval: Seconds;
  /** Whether a look may come sooner than the interval has it, as deployed. Default true. */
  readonly hastened?: boolean;
  /** Whether to stop at the first that is told. */
  readonly first?: boolean;
}

/** What is told of a service, and how many looks it took. */
export function watch(
  { points }: Service,
  { from, until, interval, hastened = true, first = false }: Looks,
): { readonly told: Told[]; readonly looks: number } {
  let kept: KeptSeries | undefined;
  let looks = 0;
  const told: Told[] = [];
  for (let now = from; now <= until;) {
    const seen = step(MEMORY, kept, settledAt(points, now), new Date(now * 1000).toISOString(), DEFAULT_WATCH);
    looks += 1;
    kept = seen.keep ?? kept;
    if (seen.foretold) told.push(seen.foretold);
    if (first && told.length > 0) break;
    const again = hastened ? Math.ceil((seen.again ?? interval) / PERIOD) * PERIOD : interval;
    now += Math.min(interval, again);
  }
  return { told, looks };
}

/** As `readSeries` answers: a day back, and no point that may still change. */
function settledAt(points: Points, now: Seconds): Points {
  const at = (time: Seconds): number => Math.max(0, Math.floor(time / PERIOD));
  return points.slice(at(now - LOOKED_BACK), at(now - 2 * PERIOD) + 1);
}

/** Still there when Detect looks at fresh points, two minutes later and as long after as it asks for: then it may be acted on. */
export function isActedOn({ points }: Service, { at, what }: Told): boolean {
  const when = new Date(at * 1000).toISOString();
  const base = { id: 'forecast', at: when, resource: ARN, summary: '', expectedAt: when };
  const signal = { ...base, kind: 'forecast', detector: 'exhaustion', foretold: what } as const;
  let later = at + minutes(2);
  for (let look = 0; look < 8; look += 1) {
    const sign = judgePatiently(signal, MEMORY, settledAt(points, later), later);
    if (sign.kind !== 'unknown') return sign.kind === 'still';
    later += Math.ceil(sign.again / PERIOD) * PERIOD;
  }
  return true;
}
