import type { MetricPoint } from '../contract.ts';

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}

interface Definition {
  readonly Name?: unknown;
  readonly Unit?: unknown;
  readonly StorageResolution?: unknown;
}

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The metrics in one log line that is in the embedded metric format ("Specification: Embedded metric format", CloudWatch
 * User Guide). Any other line has none. A metric without `StorageResolution: 1` counts for its whole minute.
 */
export function emf(text: string): readonly MetricPoint[] {
  if (!text.includes('"CloudWatchMetrics"')) return [];
  const root = parsed(text);
  const metadata = root?._aws;
  if (!root || !isRecord(metadata) || !Array.isArray(metadata.CloudWatchMetrics)) return [];
  const time = typeof metadata.Timestamp === 'number' ? metadata.Timestamp : undefined;
  return metadata.CloudWatchMetrics.flatMap((directive: Directive) => pointsOf(root, directive, time));
}

function parsed(text: string): Json | undefined {
  const from = text.indexOf('{');
  try {
    const value: unknown = JSON.parse(text.slice(from));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function pointsOf(root: Json, directive: Directive, time: number | undefined): readonly MetricPoint[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: definitions } = directive;
  if (typeof namespace !== 'string' || !Array.isArray(definitions)) return [];
  const dimensionSets = dimensionsOf(root, Array.isArray(sets) && sets.length > 0 ? sets : [[]]);
  return definitions.flatMap(({ Name: metricName, Unit, StorageResolution }: Definition) => {
    if (typeof metricName !== 'string') return [];
    const values = [root[metricName]].flat().filter((v) => typeof v === 'number');
    const step = StorageResolution === 1 ? 1000 : 60_000;
    const more = {
      ...(typeof Unit === 'string' ? { unit: Unit } : {}),
      ...(time === undefined ? {} : { timestamp: new Date(Math.floor(time / step) * step) }),
    };
    return dimensionSets.flatMap((dimensions) =>
      values.map((value) => ({ namespace, metricName, dimensions, value, ...more })),
    );
  });
}

/** Every set of dimensions makes metrics of its own; a set that names a member the line lacks makes none. */
function dimensionsOf(root: Json, sets: readonly unknown[]): readonly Readonly<Record<string, string>>[] {
  return sets.flatMap((set) => {
    if (!Array.isArray(set)) return [];
    const entries = set.map((name) => [String(name), root[String(name)]] as const);
    return entries.every(([, value]) => typeof value === 'string')
      ? [Object.fromEntries(entries) as Record<string, string>]
      : [];
  });
}
