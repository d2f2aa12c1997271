import { shortName, type Arn, type ResourceType } from '../../layers/core/arn.ts';
import { versionName, type ModelInUse, type ModelName } from '../../layers/core/model-version.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { decompressed } from '../../layers/core/packed.ts';
import { newsId, type Failing, type Signal } from '../../layers/core/signal.ts';
import { addSeconds, percent, type Instant } from '../../layers/core/units.ts';
import type { Points, WatchedSeries } from '../../layers/core/watched-series.ts';
import type { ForetoldFailure } from '../../layers/runtime/kb/knowledge.ts';
import { sayCarrier } from '../detect/early/say.ts';
import { carriersOf } from '../detect/failure/carriers.ts';
import { foretellFailure, type FailureModel } from '../detect/failure/failure-model.ts';
import { HORIZON, onGrid, viewAt } from '../detect/failure/view.ts';

export interface FailingPorts {
  modelsInUse(types: readonly ResourceType[]): Promise<ReadonlyMap<ModelName, ModelInUse>>;
  foretoldFailures(arns: readonly Arn[]): Promise<ReadonlyMap<Arn, ForetoldFailure>>;
  rememberFailing(foretold: ForetoldFailure, seen?: ForetoldFailure): Promise<boolean>;
  tell(signals: readonly Signal[]): Promise<void>;
}

/**
 * Asks the model in use for each resource's type whether it fails within the horizon, and tells where it says so. What was
 * told before is not told again until it is known what became of it. Told first and remembered then, under an id that
 * whoever tells it again gives it, too.
 * @returns how many were told
 */
export async function foretellFailures(
  resources: readonly Resource[],
  points: ReadonlyMap<WatchedSeries, Points>,
  ports: FailingPorts,
  now: Instant,
): Promise<number> {
  const models = learnedOf(await ports.modelsInUse(resources.map(({ type }) => type)));
  const asked = resources.filter(({ type }) => models.has(type));
  if (asked.length === 0) return 0;
  const before = await ports.foretoldFailures(asked.map(({ arn }) => arn));
  let told = 0;
  for (const resource of asked) {
    const last = before.get(resource.arn);
    if (last && (last.fate === undefined || (last.quietUntil ?? '') > now)) continue;
    const signal = failingSignal(resource, models.get(resource.type)!, points, last, now);
    if (!signal) continue;
    await ports.tell([signal]);
    const { arn, type } = resource;
    const { model, probability } = signal.failing;
    await ports.rememberFailing({ arn, type, model, at: now, until: signal.expectedAt, probability }, last);
    told += 1;
  }
  return told;
}

interface Learned {
  readonly name: string;
  readonly columns: readonly string[];
  readonly model: FailureModel;
}

/** A type whose model is the prior has none to ask. */
function learnedOf(inUse: ReadonlyMap<ModelName, ModelInUse>): Map<ModelName, Learned> {
  return new Map(
    [...inUse].flatMap(([type, one]) =>
      one.model
        ? [
            [
              type,
              { name: versionName(one), columns: one.columns, model: decompressed(one.model) as FailureModel },
            ] as const,
          ]
        : [],
    ),
  );
}

type FailingSignal = Extract<Signal, { kind: 'forecast' }> & { readonly failing: Failing };

function failingSignal(
  { arn }: Resource,
  { name, columns, model }: Learned,
  points: ReadonlyMap<WatchedSeries, Points>,
  last: ForetoldFailure | undefined,
  now: Instant,
): FailingSignal | undefined {
  const measured = [...points].flatMap(([series, of]) => (series.resource === arn ? [onGrid(series, of)] : []));
  const view = viewAt(measured, columns, Date.parse(now) / 1000);
  if (!view) return undefined;
  const { probability, alarm } = foretellFailure(model, view.features);
  const carriers = alarm ? carriersOf(model, view) : [];
  if (carriers.length === 0) return undefined;
  const said = carriers.map(sayCarrier).join(', ');
  return {
    kind: 'forecast',
    id: newsId('failing', arn, name, 'after', last?.at ?? 'none'),
    at: now,
    resource: arn,
    summary: `${shortName(arn)} fails within ${HORIZON / 3600} hours with a probability of ${percent(probability)}, as others did before: ${said}.`,
    detector: 'failure-model',
    expectedAt: addSeconds(now, HORIZON),
    failing: { model: name, probability, horizon: HORIZON, carriers },
  };
}
