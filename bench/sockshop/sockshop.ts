/**
 * Root-cause ranking on Sock Shop (RCD): CPU hogs and memory leaks, one row a second, no graph. Scored with the onset known,
 * and with the onset 60 s late (RCAEval's t_delta) or early.
 */
import { join } from 'node:path';
import type { Kind, Measured } from '../../functions/diagnose/ranking/input.ts';
import { rank } from '../../functions/diagnose/ranking/rank.ts';
import { estimate, resultOf, save, table, type Row, type SetResult } from '../support/measured-table.ts';
import { foldersIn, numberOf, optionsOf, readText, rowsOf } from '../support/public-set.ts';
import { baro, nSigma, rankBy } from './peers.ts';

const SOURCE = 'github.com/azamikram/rcd, folder sock-shop-data (Ikram et al., NeurIPS 2022)';

interface Case {
  readonly service: string;
  readonly fault: string;
  readonly measured: readonly Measured[];
  /** Seconds since the first row: the recordings of before and after are put one after the other. */
  readonly onset: number;
}

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'sockshop_rcd', SOURCE, print);
  if (!options) return;
  const cases = read(options.folder);
  if (cases.length === 0) return print(`sockshop: no case in ${options.folder}. They come from ${SOURCE}.`);
  print(`Sock Shop (RCD): ${cases.length} cases`);
  const results: Record<string, SetResult> = {};
  for (const late of [0, 60, -60]) {
    const started = performance.now();
    const rows = Object.entries(METHODS).map(([name, method]) =>
      row(name, ({ measured, onset }) => services(method(measured, onset + late)), cases),
    );
    print(`\n${table(late === 0 ? 'onset known' : `onset ${Math.abs(late)} s ${late > 0 ? 'late' : 'early'}`, rows)}`);
    results[late === 0 ? 'sockshop' : `sockshop, onset ${late} s off`] = resultOf(
      rows,
      (performance.now() - started) / 1000,
    );
  }
  save(options.json, results);
}

/** Nodes, the likeliest cause first. */
type Method = (measured: readonly Measured[], onset: number) => readonly string[];

const METHODS: Readonly<Record<string, Method>> = {
  Prunella: (measured, onset) => rank({ measured, edges: [], onset }).map(({ node }) => node),
  BARO: (measured, onset) => rankBy(baro, measured, onset),
  'n-sigma': (measured, onset) => rankBy(nSigma, measured, onset),
};

function row(name: string, method: (one: Case) => readonly string[], cases: readonly Case[]): Row {
  const places = cases.map((one) => {
    const place = method(one).indexOf(one.service);
    return { fault: one.fault, place: place < 0 ? Infinity : place };
  });
  const average = (fault?: string) =>
    estimate(
      places
        .filter((one) => fault === undefined || one.fault === fault)
        .map(({ place }) => [0, 1, 2, 3, 4].filter((k) => place <= k).length / 5),
    );
  return {
    name,
    metrics: {
      'AC@1': estimate(places.map(({ place }) => (place === 0 ? 1 : 0))),
      'Avg@5': average(),
      'Avg@5 CPU': average('cpu'),
      'Avg@5 MEM': average('mem'),
    },
  };
}

const KINDS: Readonly<Record<string, Kind>> = { cpu: 'cpu', mem: 'memory', lod: 'traffic', lat: 'latency' };

/** RCAEval's reading: latencies as 90th percentile only, gaps filled with the last value, up to 300 rows on either side. */
function read(folder: string): Case[] {
  return foldersIn(folder).flatMap((name) => {
    const [service = '', fault = ''] = name.split('-');
    return foldersIn(join(folder, name)).flatMap((repeat) => {
      const halves = ['normal', 'anomalous'].map((half) =>
        rowsOf(readText(join(folder, name, repeat, `${half}.csv`)) ?? ''),
      );
      const [[header = [], ...normal] = [], [, ...anomalous] = []] = halves;
      if (fault === '' || normal.length === 0 || anomalous.length === 0) return [];
      const rows = [...normal.slice(-300), ...anomalous.slice(0, 300)];
      const times = Float64Array.from(rows.keys());
      const measured = header.flatMap((column, i): Measured[] => {
        const [owner = '', what = '', percentile] = column.split('_');
        const kind = KINDS[what];
        if (!kind || (percentile !== undefined && percentile !== '90')) return [];
        return [{ node: owner, metric: column, kind, times, values: filled(rows.map((row) => numberOf(row[i]))) }];
      });
      return [{ service, fault, measured, onset: Math.min(300, normal.length) }];
    });
  });
}

/** RCAEval counts a database as its service's. */
export const services = (ranked: readonly string[]): readonly string[] => [
  ...new Set(ranked.map((node) => node.replace('-db', ''))),
];

function filled(values: readonly number[]): Float64Array {
  let last = 0;
  return Float64Array.from(values, (value) => (last = Number.isFinite(value) ? value : last));
}
