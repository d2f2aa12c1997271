import type { Aws } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import type { Instant } from '../../../layers/core/units.ts';
import { seriesOf, type WatchedSeries } from '../../../layers/core/watched-series.ts';
import { readFrom, readSeries } from '../../watch/read.ts';
import type { Points } from '../../watch/series.ts';
import { earlySignals, judgeSign, seriesIdOf, type EarlySignal, type Sign } from './judge.ts';

export interface EarlyLook {
  readonly signal: EarlySignal;
  readonly series: WatchedSeries;
  readonly points: Points;
}

/**
 * Reads the series that early signals are about, as far back as forecasts look. A series that nobody watches any more is
 * left out. Never throws for what AWS refuses: then there are no points, which is no sign of health.
 */
export async function lookEarly(
  signals: readonly Signal[],
  resource: Resource,
  now: Instant,
  aws: Aws,
): Promise<EarlyLook[]> {
  const early = earlySignals(signals);
  if (early.length === 0) return [];
  const known = new Map(seriesOf(resource).map((series) => [series.id, series]));
  const found = early.flatMap((signal) => {
    const series = known.get(seriesIdOf(signal));
    return series ? [{ signal, series }] : [];
  });
  const wanted = found.map(({ series }) => ({
    series,
    from: readFrom({ ...series, looksFor: 'forecast' }, null, now),
  }));
  const points = await readSeries(wanted, now, aws).catch(() => new Map<WatchedSeries, Points>());
  return found.map(({ signal, series }) => ({ signal, series, points: points.get(series) ?? [] }));
}

/** What has become of each early sign. */
export async function signsOf(signals: readonly Signal[], resource: Resource, now: Instant, aws: Aws): Promise<Sign[]> {
  const looks = await lookEarly(signals, resource, now, aws);
  return looks.map(({ signal, series, points }) => judgeSign(signal, series, points, Date.parse(now) / 1000));
}
