/**
 * Anomalous HDFS blocks by the log events of each (loghub's first 100,000 lines; sessions of deep-loglizer). Nothing is
 * learned from labels: a detector reads past sessions, odd ones among them. With train and test at hand it learns from the
 * first and judges the second; with one of them, five folds (every fifth session), each judged after learning from the others.
 */
import { join } from 'node:path';
import { writeJson } from '../../cli/output-files.ts';
import { detector as counts } from '../../functions/detect/log-detectors/session-counts.ts';
import { detector as transitions } from '../../functions/detect/log-detectors/session-transitions.ts';
import { columns } from '../support/columns.ts';
import { interval } from '../support/intervals.ts';
import { askPeers } from '../support/peers.ts';
import { optionsOf, readText } from '../support/public-set.ts';
import { three } from '../support/three.ts';
import { atBestThreshold, found, oracle, type Found } from './judge.ts';

interface Session {
  readonly events: readonly number[];
  readonly anomalous: boolean;
}

interface Fold {
  readonly learn: readonly Session[];
  readonly judge: readonly Session[];
}

/** What a peer says of each judged session: its own verdict, and its score (more is odder). */
interface PeerAnswer {
  readonly flagged: readonly boolean[];
  readonly scores: readonly number[];
}

interface Row {
  readonly name: string;
  readonly found: Found;
  readonly interval?: readonly [number, number];
}

const SOURCE =
  'data/processed/HDFS_100k of https://github.com/logpai/deep-loglizer, as JSON lines {"block","events","label"} in train.jsonl.gz and test.jsonl.gz';
const FOLDS = 5;
/** Scores above are anomalies. */
const ODD = 0.5;

/** @param args what follows `hdfs` on the command line */
export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'hdfs_100k_sessions', SOURCE, print);
  if (!options) return;
  const { folder } = options;
  const [train, test] = ['train', 'test'].map((name) => sessionsOf(readText(join(folder, `${name}.jsonl`))));
  const folds = foldsOf(train ?? [], test ?? []);
  const judged = folds.flatMap(({ judge }) => judge);
  if (judged.length === 0) return print(`hdfs: no session in ${folder}. They come from ${SOURCE}.`);
  const labels = judged.map(({ anomalous }) => anomalous);
  const limit = oracle(
    judged.map(({ events }) => events.join(' ')),
    labels,
  );

  const started = performance.now();
  const byCounts = folds.flatMap((fold) => scoresOf(counts, fold));
  const seconds = (performance.now() - started) / 1000;
  const byOrder = folds.flatMap((fold) => scoresOf(transitions, fold));
  const ours = rowOf(
    'session-counts (ours)',
    labels,
    byCounts.map((score) => score > ODD),
  );
  const others = [
    rowOf(
      'session-transitions (ours)',
      labels,
      byOrder.map((score) => score > ODD),
    ),
    rowOf(
      'either (ours)',
      labels,
      byCounts.map((score, i) => Math.max(score, byOrder[i] ?? 0) > ODD),
    ),
  ];
  const peers = askPeers<Record<string, PeerAnswer>>(join(import.meta.dirname, 'peers.py'), folds.map(vectorsOf));
  const theirs = Object.entries(peers.answer ?? {}).flatMap(([name, { flagged, scores }]) => [
    rowOf(name, labels, flagged),
    { name: `${name}, best single threshold in hindsight`, found: atBestThreshold(scores, labels) },
  ]);
  const best: Row = { name: 'oracle: best rule on exact sequences', found: limit };
  print(table([ours, ...others, ...theirs, best]));
  if (peers.missing !== undefined) print(`no peer, no ratio: ${peers.missing}`);
  const share = ours.found.f1 / limit.f1;
  const how = train && test ? 'learned from train, judged on test' : `${FOLDS} folds`;
  print(
    `${judged.length} sessions, ${labels.filter(Boolean).length} anomalous; ${how}; ours is ${three(share)} of the oracle.`,
  );
  writeJson(options.json, figuresOf(ours, others, theirs, best, seconds));
}

function sessionsOf(text: string | undefined): Session[] | undefined {
  return text
    ?.split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { events, label } = JSON.parse(line) as { events: number[]; label: number };
      return { events, anomalous: label === 1 };
    });
}

function foldsOf(train: readonly Session[], test: readonly Session[]): Fold[] {
  if (train.length > 0 && test.length > 0) return [{ learn: train, judge: test }];
  const all = [...train, ...test];
  return Array.from({ length: FOLDS }, (_, fold) => ({
    learn: all.filter((_one, i) => i % FOLDS !== fold),
    judge: all.filter((_one, i) => i % FOLDS === fold),
  }));
}

/** Reads the past, then scores each session against it. */
function scoresOf(detector: typeof counts | typeof transitions, { learn, judge }: Fold): number[] {
  const { start, step, params } = detector as typeof counts;
  const learned = learn.reduce((state, session) => step(state, session).state, start(params.parse({})));
  return judge.map((session) => step(learned, session).score);
}

function vectorsOf({ learn, judge }: Fold): { learn: number[][]; judge: number[][] } {
  const events = [...new Set([...learn, ...judge].flatMap((session) => session.events))].sort((a, b) => a - b);
  const vector = (session: Session) => events.map((event) => session.events.filter((one) => one === event).length);
  return { learn: learn.map(vector), judge: judge.map(vector) };
}

function rowOf(name: string, labels: readonly boolean[], flagged: readonly boolean[]): Row {
  const verdicts = labels.map((anomalous, i) => ({ anomalous, flagged: flagged[i] ?? false }));
  return { name, found: found(verdicts), interval: interval(verdicts, (sample) => found(sample).f1, 500) };
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, found: { precision, recall, f1 }, interval }) => [
    name,
    three(precision),
    three(recall),
    three(f1),
    interval ? `${three(interval[0])}-${three(interval[1])}` : '',
  ]);
  return columns([['HDFS sessions', 'precision', 'recall', 'F1', '95 % interval'], ...cells]);
}

function figuresOf(ours: Row, others: readonly Row[], theirs: readonly Row[], best: Row, seconds: number) {
  const peers = Object.fromEntries([...others, ...theirs, best].map(({ name, found: metrics }) => [name, metrics]));
  const result = { ours: { ...ours.found, share_of_oracle: ours.found.f1 / best.found.f1 }, peers, seconds };
  return { hdfs_100k_sessions: result };
}
