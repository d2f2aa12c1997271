import type { MetricPoint } from '../contract.ts';
import { badCombination, epochSeconds, invalidValue, missingParameter, required } from './inputs.ts';
import type { Dimension, MetricId, MetricStore } from './metric-store.ts';

type Input = Readonly<Record<string, unknown>>;

const MAX_DATA = 1000;
const MAX_VALUES = 150;
const MAX_DIMENSIONS = 30;
const TWO_WEEKS = 14 * 86_400;
const TWO_HOURS = 2 * 3600;

/**
 * `PutMetricData`: single values, values with counts, statistic sets; at a resolution of a minute unless
 * `StorageResolution` is 1. All data are checked before any is stored.
 */
export function putMetricData(store: MetricStore, input: Input, now: number): unknown {
  const namespace = required(input, 'Namespace');
  if (namespace.startsWith('AWS/')) {
    throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
  }
  const data = input.MetricData ?? [];
  if (!Array.isArray(data) || data.length === 0) throw missingParameter('MetricData');
  if (data.length > MAX_DATA)
    throw invalidValue(`The collection MetricData must not have a size greater than ${MAX_DATA}.`);
  const writes = data.map((datum: Input, i) => writeOf(datum, `MetricData.member.${i + 1}`, namespace, now));
  for (const write of writes) write(store);
  return {};
}

function writeOf(datum: Input, at: string, namespace: string, now: number): (store: MetricStore) => void {
  if (!datum.MetricName) throw missingParameter(`${at}.MetricName`);
  const id: MetricId = { namespace, metricName: String(datum.MetricName), dimensions: checkedDimensions(datum, at) };
  const unit = (datum.Unit as string | undefined) ?? 'None';
  const time = timeOf(datum, at, now);
  const given = ['Value', 'Values', 'StatisticValues'].filter(
    (name) => datum[name] !== undefined && datum[name] !== null,
  );
  if (given.length === 0) throw missingParameter(`${at}.Value`);
  if (given.length > 1) {
    throw badCombination(
      `The parameters ${given.map((name) => `${at}.${name}`).join(' and ')} are mutually exclusive and you have specified both.`,
    );
  }
  if (given[0] === 'StatisticValues') {
    const set = statisticSet(datum.StatisticValues as Input, at);
    return (store) => store.putSet(id, unit, time, set);
  }
  const values = given[0] === 'Value' ? [datum.Value] : (datum.Values as readonly unknown[]);
  const counts = given[0] === 'Value' || !datum.Counts ? values.map(() => 1) : (datum.Counts as readonly unknown[]);
  if (values.length > MAX_VALUES)
    throw invalidValue(`The collection ${at}.Values must not have a size greater than ${MAX_VALUES}.`);
  if (counts.length !== values.length)
    throw invalidValue(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`);
  const pairs = values.map((value, i) => [finite(value, `${at}.Value`), finite(counts[i], `${at}.Counts`)] as const);
  return (store) => pairs.forEach(([value, count]) => store.put(id, unit, time, value, count));
}

function checkedDimensions(datum: Input, at: string): readonly Dimension[] {
  const dimensions = (datum.Dimensions ?? []) as readonly Partial<Dimension>[];
  if (dimensions.length > MAX_DIMENSIONS) {
    throw invalidValue(`The collection ${at}.Dimensions must not have a size greater than ${MAX_DIMENSIONS}.`);
  }
  return dimensions.map((d, i) => {
    if (!d.Name) throw missingParameter(`${at}.Dimensions.member.${i + 1}.Name`);
    if (!d.Value) throw missingParameter(`${at}.Dimensions.member.${i + 1}.Value`);
    return { Name: d.Name, Value: d.Value };
  });
}

function timeOf(datum: Input, at: string, now: number): number {
  const time =
    datum.Timestamp === undefined || datum.Timestamp === null ? now : epochSeconds(datum.Timestamp, `${at}.Timestamp`);
  if (time < now - TWO_WEEKS)
    throw invalidValue(`The parameter ${at}.Timestamp must specify a time within the past two weeks.`);
  if (time > now + TWO_HOURS)
    throw invalidValue(`The parameter ${at}.Timestamp must specify a time no more than two hours in the future.`);
  const resolution = Number(datum.StorageResolution ?? 60);
  if (resolution !== 1 && resolution !== 60) {
    throw invalidValue(`The value ${resolution} for parameter ${at}.StorageResolution is invalid: must be 1 or 60.`);
  }
  return Math.floor(time / resolution) * resolution;
}

function statisticSet(given: Input, at: string) {
  const member = (name: string): number => {
    if (given[name] === undefined || given[name] === null) throw missingParameter(`${at}.StatisticValues.${name}`);
    return finite(given[name], `${at}.StatisticValues.${name}`);
  };
  const set = { count: member('SampleCount'), sum: member('Sum'), min: member('Minimum'), max: member('Maximum') };
  if (set.count <= 0) throw invalidValue(`The parameter ${at}.StatisticValues.SampleCount must be greater than 0.`);
  if (set.min > set.max)
    throw invalidValue(`The parameter ${at}.StatisticValues.Minimum must not be greater than Maximum.`);
  return set;
}

function finite(value: unknown, name: string): number {
  const number = typeof value === 'number' ? value : Number(value ?? Number.NaN);
  if (Number.isFinite(number)) return number;
  throw invalidValue(`The value ${String(value)} for parameter ${name} is invalid.`);
}

/**
 * Stores what AWS services publish themselves (`AWS/*`, one-minute resolution) and what the sandbox measured for an
 * application (one second).
 */
export function putPoints(store: MetricStore, points: readonly MetricPoint[], now: number): void {
  for (const point of points) {
    if (!Number.isFinite(point.value)) continue;
    const dimensions = Object.entries(point.dimensions).map(([Name, Value]) => ({ Name, Value }));
    const time = point.timestamp ? point.timestamp.getTime() / 1000 : now;
    const step = point.namespace.startsWith('AWS/') ? 60 : 1;
    const id = { namespace: point.namespace, metricName: point.metricName, dimensions };
    store.put(id, point.unit ?? 'None', Math.floor(time / step) * step, point.value, point.count ?? 1);
  }
}
