import type { Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { isSlow, seriesOf, type WatchedSeries } from '../../layers/core/watched-series.ts';
import { readSeries } from '../../layers/runtime/observe/series.ts';
import type { Seconds } from '../../layers/core/units.ts';
import { GRID, LOOKED_BACK, onGrid, ROW, viewAt, type Measured, type View } from '../detect/failure/view.ts';
import type { DatedLife } from './choose.ts';
import type { Stretch } from './lives.ts';

/** The columns of the new model, and of the one in use, which both are asked about the same rows. */
export interface Columns {
  readonly columns: readonly string[];
  readonly before: readonly string[];
}

/**
 * Reads the metrics of each stretch, and a call each, on the grid that features are made of.
 * @returns a life for each stretch that was measured up to its end
 * @throws what CloudWatch throws
 */
export async function readLives(
  stretches: readonly Stretch[],
  resources: ReadonlyMap<Arn, Resource>,
  columns: Columns,
  reader: (arn: Arn) => Promise<Aws>,
): Promise<DatedLife[]> {
  const lives: DatedLife[] = [];
  for (const stretch of stretches) {
    const resource = resources.get(stretch.arn);
    if (!resource) continue;
    const measured = await measure(resource, stretch, await reader(stretch.arn));
    lives.push(...lifeOf(stretch, measured, columns));
  }
  return lives;
}

async function measure(resource: Resource, { from, to }: Stretch, aws: Aws): Promise<Measured[]> {
  const start = Math.floor((from - LOOKED_BACK) / GRID) * GRID;
  // Watch has too few points of slow series to ask about, and of refused calls none while all is well.
  const watched = seriesOf(resource).filter((series) => !isSlow(series) && series.looksFor !== 'refusals');
  const wanted = watched.map((series) => ({ series: ofFiveMinutes(series), from: start }));
  const found = await readSeries(wanted, new Date(to * 1000).toISOString(), aws);
  return [...found].map(([series, points]) => onGrid(series, points));
}

const ofFiveMinutes = (series: WatchedSeries): WatchedSeries => ({
  ...series,
  period: GRID,
  metric: { ...series.metric, period: GRID },
});

/** Rows back from its end, as far as it was measured. */
function lifeOf(stretch: Stretch, measured: readonly Measured[], { columns, before }: Columns): DatedLife[] {
  const views: { readonly now: View; readonly before?: View }[] = [];
  const same = before.length === 0 || before.join() === columns.join();
  for (let at: Seconds = stretch.to; at > stretch.from; at -= ROW) {
    const now = viewAt(measured, columns, at);
    const then = same ? now : viewAt(measured, before, at);
    if (!now || !then) break;
    views.unshift({ now, before: then });
  }
  if (views.length === 0) return [];
  const features = views.map(({ now }) => now.features);
  const seenBefore = same ? features : views.map((one) => one.before!.features);
  const { to: at, failed, weight } = stretch;
  return [{ features, before: seenBefore, failed, weight, at }];
}
