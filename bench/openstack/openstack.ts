/**
 * Fault classification from event counts on OpenStack's fault-injection campaigns: accuracy in five-fold cross-validation over
 * the rows that are there, the same folds for ours and the peers, and what no classifier could pass on these rows.
 */
import { join } from 'node:path';
import { calibrationError } from '../../functions/diagnose/classify/calibrate.ts';
import { eventFeatures } from '../../functions/diagnose/classify/event-counts.ts';
import { casesOf, foldsOf, outOfFold, type Labelled } from '../../functions/diagnose/classify/fit.ts';
import { GROWTH, type Cases } from '../../functions/diagnose/classify/train.ts';
import { average } from '../support/intervals.ts';
import {
  estimate,
  estimateOf,
  resultOf,
  save,
  table,
  type Estimate,
  type Row,
  type SetResult,
} from '../support/measured-table.ts';
import { askPeers, type Peers } from '../support/peers.ts';
import { foldersIn, optionsOf, textOf } from '../support/public-set.ts';
import { bestOnExactRows, leastError, nearestAreOthers } from './ceiling.ts';

const SOURCE = 'github.com/dessertlab/Failure-Dataset-OpenStack (Cotroneo et al., JSS 2021)';
const FOLDS = 5;

interface Campaign {
  readonly cases: Cases;
  readonly events: readonly Labelled[];
}

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'openstack_failures', SOURCE, print);
  if (!options) return;
  let missing: string | undefined;
  const results: Record<string, SetResult> = {};
  const names = foldersIn(options.folder);
  if (names.length === 0) return print(`openstack: no campaign in ${options.folder}. They come from ${SOURCE}.`);
  for (const name of names) {
    const { cases, events } = read(join(options.folder, name));
    const started = performance.now();
    const probabilities = outOfFold(cases, FOLDS);
    const seconds = (performance.now() - started) / 1000;
    const peers = peersOn(events, cases);
    missing ??= peers.missing;
    const answers = [
      { name: 'Prunella', all: saidOf(cases, probabilities) },
      ...(peers.answer ?? []).map((peer) => ({
        name: peer.name,
        all: saidOf(
          cases,
          peer.probabilities.map((one) => Float64Array.from(one)),
        ),
      })),
    ];
    const rows = answers.map(row);
    print(`\n${table(`OpenStack ${name}`, [...rows, ...ceilings(cases, answers)])}`);
    results[`openstack ${name}`] = resultOf(rows, seconds);
  }
  if (missing !== undefined) print(`\nno peer, no ratio: ${missing}`);
  save(options.json, results);
}

interface Said {
  readonly probabilities: Float64Array;
  readonly said: number;
  readonly label: number;
}

interface Answers {
  readonly name: string;
  readonly all: readonly Said[];
}

const saidOf = ({ labels }: Cases, probabilities: readonly Float64Array[]): Said[] =>
  probabilities.map((one, i) => ({ probabilities: one, said: one.indexOf(Math.max(...one)), label: labels[i] ?? 0 }));

const isRight = ({ said, label }: Said): boolean => said === label;

function row({ name, all }: Answers): Row {
  return {
    name,
    metrics: {
      accuracy: shareOf(all.map(isRight)),
      'macro F1': estimateOf(all, macroF1),
      'calibration error': estimateOf(all, (some) =>
        calibrationError(
          some.map((one) => one.probabilities),
          Int32Array.from(some, ({ label }) => label),
        ),
      ),
    },
  };
}

/** What bounds any accuracy here: rows that are alike, rows that are near, and rows that none of the models tells. */
function ceilings(cases: Cases, answers: readonly Answers[]): Row[] {
  const anyRight = cases.rows.map((_, i) => answers.some(({ all }) => all[i] !== undefined && isRight(all[i])));
  const accuracy = (name: string, found: Estimate): Row => ({ name, metrics: { accuracy: found } });
  return [
    accuracy('at most: any rule on exact rows', shareOf(bestOnExactRows(cases))),
    accuracy(
      'estimated by nearest neighbours',
      estimateOf(nearestAreOthers(cases), (some) => 1 - leastError(average(some), cases.count)),
    ),
    accuracy('right by any of the above', shareOf(anyRight)),
  ];
}

const shareOf = (right: readonly boolean[]): Estimate => estimate(right.map(Number));

/** The mean over the labels that occur. */
function macroF1(all: readonly Said[]): number {
  const count = (keys: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  };
  const are = count(all.map(({ label }) => label));
  const named = count(all.map(({ said }) => said));
  const hits = count(all.flatMap(({ said, label }) => (said === label ? label : [])));
  return average([...are].map(([label, n]) => (2 * (hits.get(label) ?? 0)) / (n + (named.get(label) ?? 0))));
}

/** Counts as they were collected, and what a model of normal sequences found spurious and missing. */
function read(folder: string): Campaign {
  const [header = [], ...counts] = tsv(join(folder, 'SEQ.tsv'));
  const [, ...differences] = tsv(join(folder, 'LCS_with_VMM.tsv'));
  const labels = textOf(join(folder, 'Failure_Labels.txt')).trim().split(/\s+/);
  if (counts.length !== labels.length || differences.length !== labels.length)
    throw new Error(
      `supply as many rows as labels in ${folder}, got ${counts.length} of counts, ${differences.length} of differences, ${labels.length} labels`,
    );
  const named = (cells: readonly string[]) => Object.fromEntries(header.map((event, i) => [event, Number(cells[i])]));
  const events = labels.map((label, i): Labelled => {
    const difference = differences[i] ?? [];
    const values = eventFeatures({
      counts: named(counts[i] ?? []),
      spurious: named(difference.slice(0, header.length)),
      missing: named(difference.slice(header.length)),
    });
    return { values, label };
  });
  const features = Object.keys(events[0]?.values ?? {});
  return { events, cases: casesOf(events, features, [...new Set(labels)].sort()) };
}

const tsv = (path: string): string[][] =>
  textOf(path)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd().split('\t'));

interface PeerAnswer {
  readonly name: string;
  readonly probabilities: readonly (readonly number[])[];
}

/** scikit-learn's models on the same folds: once on the counts alone, as they are published, once on all our features. */
function peersOn(events: readonly Labelled[], cases: Cases): Peers<readonly PeerAnswer[]> {
  const features = Object.keys(events[0]?.values ?? {});
  const fold = foldsOf(cases.labels, cases.count, FOLDS, GROWTH.seed);
  return askPeers(join(import.meta.dirname, 'peers.py'), {
    rows: cases.rows.map((one) => [...one]),
    columns: features.flatMap((name, i) => (name.startsWith('count ') ? [i] : [])),
    labels: [...cases.labels],
    folds: [...fold],
    count: cases.count,
  });
}
