import type { Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { addSeconds, type Instant } from '../../layers/core/units.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import { seriesOf, type WatchedSeries } from '../../layers/core/watched-series.ts';
import type { JudgedForecast, KeptSeries, SeriesName } from '../../layers/runtime/kb/knowledge.ts';
import { foretellFailures, type FailingPorts } from './failing.ts';
import { readFrom, readSeries } from './read.ts';
import { nextLook, step, type Points, type Seen } from './series.ts';
import { signalsOf } from './tell.ts';

/** What watching needs of the knowledge base, the bus and CloudWatch. */
export interface WatchPorts extends FailingPorts {
  readonly aws: Aws;
  resources(arns: readonly Arn[]): Promise<readonly Resource[]>;
  kept(names: readonly SeriesName[]): Promise<ReadonlyMap<string, KeptSeries>>;
  keep(name: SeriesName, kept: KeptSeries, judged?: JudgedForecast): Promise<boolean>;
  hasten(arn: Arn, due: Instant): Promise<void>;
}

export interface WatchedBatch {
  readonly resources: number;
  readonly series: number;
  readonly anomalies: number;
  readonly forecasts: number;
  /** Failures that a model foretold. */
  readonly failing: number;
  /** Forecasts that came true, and that did not, of those judged now. */
  readonly cameTrue: number;
  readonly didNot: number;
}

/**
 * Reads all points of a batch of resources since they were last looked at, steps their detectors, tells what is new, and
 * keeps what must be remembered, in this order: whoever dies in between tells the same again, under the same id.
 * @throws what AWS throws: the whole batch is then taken again
 */
export async function watchBatch(
  arns: readonly Arn[],
  ports: WatchPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<WatchedBatch> {
  const resources = await ports.resources(arns);
  const series = resources.flatMap(seriesOf);
  const kept = await ports.kept(series.map(nameOf));
  const wanted = series.map((one) => ({ series: one, from: readFrom(one, keptOf(one, kept)?.last, now) }));
  const points = await readSeries(wanted, now, ports.aws);
  const seen: Seen[] = [];
  for (const resource of resources) seen.push(...(await watchOne(resource, points, kept, ports, policy, now)));
  const failing = await foretellFailures(resources, points, ports, now);
  return {
    resources: resources.length,
    series: series.length,
    anomalies: seen.filter(({ odd }) => odd).length,
    forecasts: seen.filter(({ foretold }) => foretold).length,
    failing,
    cameTrue: seen.filter(({ judged }) => judged === 'came-true').length,
    didNot: seen.filter(({ judged }) => judged === 'did-not').length,
  };
}

const nameOf = ({ resource, id }: WatchedSeries): SeriesName => ({ arn: resource, id });
const keptOf = ({ resource, id }: WatchedSeries, kept: ReadonlyMap<string, KeptSeries>): KeptSeries | undefined =>
  kept.get(`${resource} ${id}`);

async function watchOne(
  resource: Resource,
  points: ReadonlyMap<WatchedSeries, Points>,
  kept: ReadonlyMap<string, KeptSeries>,
  ports: WatchPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<Seen[]> {
  const seen = [...points]
    .filter(([series]) => series.resource === resource.arn)
    .map(([series, values]) => step(series, keptOf(series, kept), values, now, policy));
  const signals = signalsOf(resource.arn, seen);
  if (signals.length > 0) await ports.tell(signals);
  for (const { series, keep, judged } of seen) {
    if (!keep) continue;
    const counted = judged === 'came-true' || judged === 'did-not';
    const count = { type: resource.type, metric: series.metric.metric, cameTrue: judged === 'came-true' };
    await ports.keep(nameOf(series), keep, counted ? count : undefined);
  }
  await hasten(resource.arn, seen, ports, now);
  return seen;
}

/** What has been foretold is looked at more often, the nearer it comes. */
async function hasten(arn: Arn, seen: readonly Seen[], ports: WatchPorts, now: Instant): Promise<void> {
  const looks = seen.flatMap(({ pending }) => (pending ? [nextLook(pending, Date.parse(now) / 1000)] : []));
  if (looks.length > 0) await ports.hasten(arn, addSeconds(now, Math.min(...looks)));
}
