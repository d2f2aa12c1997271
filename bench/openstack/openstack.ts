/**
 * Fault classification from event counts on OpenStack's fault-injection campaigns: accuracy in five-fold cross-validation over
 * the rows that are there, the same folds for ours and the peers.
 */
import { join } from 'node:path';
import { calibrationError } from '../../functions/diagnose/classify/calibrate.ts';
import { eventFeatures } from '../../functions/diagnose/classify/event-counts.ts';
import { casesOf, foldsOf, outOfFold, type Labelled } from '../../functions/diagnose/classify/fit.ts';
import { GROWTH, type Cases } from '../../functions/diagnose/classify/train.ts';
import { estimate, resultOf, save, table, type Row, type SetResult } from '../support/measured-table.ts';
import { askPeers, type Peers } from '../support/peers.ts';
import { foldersIn, optionsOf, textOf } from '../support/public-set.ts';

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
  for (const name of foldersIn(options.folder)) {
    const { cases, events } = read(join(options.folder, name));
    const started = performance.now();
    const probabilities = outOfFold(cases, FOLDS);
    const seconds = (performance.now() - started) / 1000;
    const peers = peersOn(events, cases);
    missing ??= peers.missing;
    const rows = [
      row('Prunella', cases, probabilities),
      ...(peers.answer ?? []).map(({ name: peer, probabilities: theirs }) =>
        row(
          peer,
          cases,
          theirs.map((one) => Float64Array.from(one)),
        ),
      ),
    ];
    print(`\n${table(`OpenStack ${name}`, rows)}`);
    results[`openstack ${name}`] = resultOf(rows, seconds);
  }
  if (missing !== undefined) print(`\nno peer, no ratio: ${missing}`);
  await save(options.json, results);
}

function row(name: string, { labels, count }: Cases, probabilities: readonly Float64Array[]): Row {
  const said = probabilities.map((one) => one.indexOf(Math.max(...one)));
  const right = said.map((label, i) => (label === labels[i] ? 1 : 0));
  const error = calibrationError(probabilities, labels);
  return {
    name,
    metrics: {
      accuracy: estimate(right),
      'macro F1': { ...estimate([macroF1(said, labels, count)]), low: NaN, high: NaN, n: labels.length },
      'calibration error': { mean: error, low: NaN, high: NaN, n: labels.length },
    },
  };
}

function macroF1(said: readonly number[], labels: Int32Array, count: number): number {
  const scores = Array.from({ length: count }, (_, label) => {
    const hit = said.filter((one, i) => one === label && labels[i] === label).length;
    const named = said.filter((one) => one === label).length;
    const are = labels.filter((one) => one === label).length;
    return { are, f1: named + are === 0 ? 0 : (2 * hit) / (named + are) };
  }).filter(({ are }) => are > 0);
  return scores.reduce((sum, { f1 }) => sum + f1, 0) / scores.length;
}

/** Counts as they were collected, and what a model of normal sequences found spurious and missing. */
function read(folder: string): Campaign {
  const [header = [], ...counts] = tsv(join(folder, 'SEQ.tsv'));
  const [, ...differences] = tsv(join(folder, 'LCS_with_VMM.tsv'));
  const labels = textOf(join(folder, 'Failure_Labels.txt')).trim().split(/\s+/);
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
