/**
 * Reads Nezha's folders: metrics a pod and minute, calls between services, and (where the snapshot has them) logs and traces
 * of the minute of each injection and the two after.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edge, Kind, Measured } from '../../functions/diagnose/ranking/input.ts';
import { filesIn, foldersIn, numberOf, rowsOf, textOf } from '../support/public-set.ts';

export interface Fault {
  readonly day: string;
  readonly system: 'Online Boutique' | 'Train-Ticket';
  readonly service: string;
  readonly type: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

/** `checkoutservice-578fcf4766-9csqn` is a pod of `checkoutservice`. */
export const serviceOf = (pod: string): string => pod.split('-').slice(0, -2).join('-');

/** Use of `inject_time`: `inject_timestamp` is eight hours off, and wrong in some entries. */
export function faultsOf(folder: string): Fault[] {
  return foldersIn(join(folder, 'rca_data')).flatMap((day) => {
    const list = filesIn(join(folder, 'rca_data', day)).find((name) => name.endsWith('-fault_list.json'));
    if (!list) return [];
    const hours = JSON.parse(readFileSync(join(folder, 'rca_data', day, list), 'utf8')) as Record<
      string,
      { inject_time: string; inject_pod: string; inject_type: string }[]
    >;
    return Object.values(hours)
      .flat()
      .map(({ inject_time: time, inject_pod: pod, inject_type: type }): Fault => ({
        day,
        system: pod.startsWith('ts-') ? 'Train-Ticket' : 'Online Boutique',
        service: serviceOf(pod),
        type,
        at: Date.parse(`${time.replace(' ', 'T')}Z`) / 1000,
      }))
      .sort((a, b) => a.at - b.at);
  });
}

const POD = '_metric.csv.gz';

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^CpuUsageRate/, 'cpu'],
  [/^MemoryUsageRate/, 'memory'],
  [/^Syscall/, 'saturation'],
  [/^Network/, 'network'],
  [/^PodClientLatency/, 'outgoing'],
  [/^PodServerLatency/, 'latency'],
  [/^PodWorkload/, 'traffic'],
  [/^PodSuccessRate/, 'availability'],
];

/** Every metric of every pod over a whole day. What is said of the node (`Node…`) is not the pod's. */
export function metricsOf(folder: string): Measured[] {
  const names = filesIn(folder).filter((name) => name.endsWith(POD));
  const [first = ''] = names;
  if (first === '') return [];
  const [start = NaN] = timesOf(rowsOf(textOf(join(folder, first))).slice(1));
  // One row a minute of the day for all pods, so that what was recorded together stays together.
  const times = Float64Array.from(
    { length: 24 * 60 },
    (_, i) => (Math.floor(start / 86_400) * 1440 + i) * 60 + (start % 60),
  );
  return names.flatMap((name) => {
    const [header = [], ...rows] = rowsOf(textOf(join(folder, name)));
    return seriesOf(serviceOf(name.replace(POD, '')), header, rows, times);
  });
}

function seriesOf(
  node: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  times: Float64Array,
): Measured[] {
  const byMinute = new Map([...timesOf(rows)].map((at, i) => [Math.floor(at / 60), rows[i]]));
  return header.flatMap((metric, i): Measured[] => {
    const kind = KINDS.find(([pattern]) => pattern.test(metric))?.[1];
    const values = Float64Array.from(times, (at) => numberOf(byMinute.get(Math.floor(at / 60))?.[i]));
    // A rate of success that is always 0 was never collected.
    const isEmpty = kind === undefined || values.every((value) => !(value > 0));
    const limit = metric.endsWith('UsageRate(%)') ? { limit: 100 } : {};
    return isEmpty ? [] : [{ node, metric, kind, times, values, ...limit }];
  });
}

/** MiB that all the memory of a service's pod are: what its use is given in percent of. */
export function sizesOf(folder: string): Map<string, number> {
  const pods = filesIn(folder).filter((name) => name.endsWith(POD));
  return new Map(
    pods.flatMap((name) => {
      const [header = [], ...rows] = rowsOf(textOf(join(folder, name)));
      const [used, share] = ['MemoryUsage(Mi)', 'MemoryUsageRate(%)'].map((metric) => header.indexOf(metric));
      const sizes = rows.map((row) => (100 * numberOf(row[used ?? -1])) / numberOf(row[share ?? -1]));
      const size = sizes.find((one) => Number.isFinite(one) && one > 0);
      return size === undefined ? [] : [[serviceOf(name.replace(POD, '')), size] as const];
    }),
  );
}

/** `Time` is Go's: the first 19 characters say it in UTC to the second. */
const timesOf = (rows: readonly (readonly string[])[]): Float64Array =>
  Float64Array.from(rows, ([time = '']) => Date.parse(`${time.slice(0, 19).replace(' ', 'T')}Z`) / 1000);

/** Calls between services, with how long they take as either end sees it, where the folder has it. */
export function edgesOf(folder: string): Edge[] {
  const names = filesIn(folder);
  if (!names.includes('dependency.csv.gz')) return [];
  const [, ...rows] = rowsOf(textOf(join(folder, 'dependency.csv.gz')));
  const seen = linksOf(join(folder, 'source_50.csv.gz'));
  const answered = linksOf(join(folder, 'destination_50.csv.gz'));
  return rows
    .filter(([, to = '']) => !/^[\d.]+$/.test(to)) // the node that a pod runs on
    .map(([from = '', to = '']): Edge => {
      const [caller, callee] = [seen.get(`${from}_${to}`), answered.get(`${from}_${to}`)];
      return { from, to, ...(caller ? { seconds: caller } : {}), ...(callee ? { answered: callee } : {}) };
    });
}

function linksOf(path: string): ReadonlyMap<string, { times: Float64Array; values: Float64Array }> {
  const [header = [], ...rows] = rowsOf(textOf(path));
  const times = timesOf(rows);
  return new Map(
    header.slice(2).map((link, i) => [link, { times, values: Float64Array.from(rows, (row) => numberOf(row[i + 2])) }]),
  );
}
