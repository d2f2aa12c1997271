import type { Aws } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { isOfTemplate, saidIn } from '../../../layers/core/log-template.ts';
import { redact } from '../../../layers/core/redact.ts';
import { addSeconds, minutes, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { seriesOf, type Points, type WatchedSeries } from '../../../layers/core/watched-series.ts';
import { readLately } from '../../../layers/runtime/observe/logs.ts';
import { readSeries } from '../../../layers/runtime/observe/series.ts';
import { forecastFrom } from '../forecast/foretold.ts';
import {
  earlySignals,
  judgeSign,
  judgeSpoken,
  seriesIdOf,
  spokenIn,
  type EarlySignal,
  type Sign,
  type Spoken,
} from './judge.ts';
import { judgeFollowed, lookAtFollowed } from './sessions.ts';

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
  const wanted = found.map(({ series }) => ({ series, from: forecastFrom(series.period, now) }));
  const points = await readSeries(wanted, now, aws).catch(() => new Map<WatchedSeries, Points>());
  return found.map(({ signal, series }) => ({ signal, series, points: points.get(series) ?? [] }));
}

export interface SpokenLook extends Spoken {
  /** When lines of the message were logged, seconds since the epoch; absent where the log could not be read. */
  readonly heard?: readonly Seconds[];
}

/** Reads the logs that signals are about, each once, from an instant on. Never throws. */
export async function lookAtSpoken(
  signals: readonly Signal[],
  from: Instant,
  now: Instant,
  aws: Aws,
): Promise<SpokenLook[]> {
  const byGroup = Map.groupBy(spokenIn(signals), ({ message }) => message.group);
  const looks = [...byGroup].map(async ([group, spoken]): Promise<SpokenLook[]> => {
    const { lines, gaps, whole } = await readLately(group, from, now, aws);
    if (lines.length === 0 && gaps.length > 0 && !whole) return spoken;
    const said = lines.map(({ at, text }) => ({ at: at / 1000, said: redact(saidIn(text)?.said ?? '') }));
    return spoken.map((one) => {
      const heard = said.filter((line) => isOfTemplate(one.message.template, line.said)).map(({ at }) => at);
      return { ...one, heard };
    });
  });
  return (await Promise.all(looks)).flat();
}

/** What has become of each early sign. */
export async function signsOf(
  signals: readonly Signal[],
  resource: Resource,
  now: Instant,
  aws: Aws,
  judge: typeof judgeSign = judgeSign,
): Promise<Sign[]> {
  const looks = await lookEarly(signals, resource, now, aws);
  const spoken = await lookAtSpoken(signals, addSeconds(now, -minutes(10)), now, aws);
  const followed = await lookAtFollowed(signals, undefined, now, aws);
  const at = Date.parse(now) / 1000;
  return [
    ...looks.map(({ signal, series, points }) => judge(signal, series, points, at)),
    ...spoken.map((look) => judgeSpoken(look, look.heard, at)),
    ...followed.map(judgeFollowed),
  ];
}
