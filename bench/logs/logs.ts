/**
 * Log template mining on loghub 2k (Zhu et al., ISSRE 2023): every system with the same miner, no setting a system. Lines
 * are fed in order, a line at a time; a line's group is the template that its template became by the end.
 */
import { join } from 'node:path';
import { writeJson } from '../../cli/output-files.ts';
import { emptyLogModel, mine, resolve } from '../../layers/core/log-miner.ts';
import { columns } from '../support/columns.ts';
import { average, interval } from '../support/intervals.ts';
import { askPeers } from '../support/peers.ts';
import { foldersIn, optionsOf, readText, recordsOf } from '../support/public-set.ts';
import { three } from '../support/three.ts';
import { grouping, type Grouping } from './grouping.ts';

interface System {
  readonly name: string;
  readonly lines: readonly string[];
  readonly events: readonly string[];
  /** The templates of the corrected ground truth (Khan et al., ICSE 2022), where it is there. */
  readonly corrected: readonly string[] | undefined;
}

type Column = Readonly<Record<string, Grouping>>;

const SOURCE =
  'the folders of https://github.com/logpai/loghub (and the corrected templates of https://github.com/logpai/logparser, data/loghub_2k_corrected)';
const PUBLISHED = ['Drain', 'Brain'];

/** @param args what follows `logs` on the command line */
export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'loghub_2k', SOURCE, print);
  if (!options) return;
  const systems = readSystems(options.folder, print);
  if (systems.length === 0) return print(`logs: no system in ${options.folder}. They come from ${SOURCE}.`);
  const started = process.cpuUsage();
  const found = new Map(systems.map((one) => [one.name, groupsOf(one)]));
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  const ours = scored(systems, (name) => found.get(name));
  const peers = askPeers<Record<string, Record<string, number[]>>>(
    join(import.meta.dirname, 'peers.py'),
    Object.fromEntries(systems.map(({ name, lines }) => [name, lines])),
  );
  const answers = peers.answer ?? {};
  const theirs = Object.fromEntries(
    Object.entries(answers).map(([peer, groups]) => [peer, scored(systems, (name) => groups[name])]),
  );
  print(report(systems, ours, theirs, publishedFor(join(options.folder, '..'))));
  if (peers.missing !== undefined) print(`no peer, no ratio: ${peers.missing}`);
  print(correctedLine(systems, found));
  const lines = systems.reduce((sum, one) => sum + one.lines.length, 0);
  print(`${lines} lines in ${seconds.toFixed(2)} s of a core: ${((seconds / lines) * 1e6).toFixed(1)} µs a line.`);
  writeJson(options.json, { loghub_2k: { ours: metrics(ours), peers: mapValues(theirs, metrics), seconds } });
}

function readSystems(folder: string, print: (line: string) => void): System[] {
  return foldersIn(folder).flatMap((name) => {
    const text = readText(join(folder, name, `${name}_2k.log_structured.csv`));
    if (text === undefined) {
      print(`${name} is left out: there is no ${name}_2k.log_structured.csv of it`);
      return [];
    }
    const rows = recordsOf(text);
    const corrected = readText(join(folder, name, `${name}_2k.log_structured_corrected.csv`));
    return {
      name,
      lines: rows.map((row) => row['Content'] ?? ''),
      events: rows.map((row) => row['EventId'] ?? ''),
      corrected: corrected ? recordsOf(corrected).map((row) => row['EventTemplate'] ?? '') : undefined,
    };
  });
}

/** A line at a time, as a stream is read. */
function groupsOf({ lines }: System): number[] {
  const { seen, merged } = mine(emptyLogModel, lines);
  return resolve(
    seen.map(({ template }) => template),
    merged,
  );
}

function scored(systems: readonly System[], groups: (name: string) => readonly number[] | undefined): Column {
  return Object.fromEntries(systems.map(({ name, events }) => [name, grouping(events, groups(name) ?? [])]));
}

function report(
  systems: readonly System[],
  ours: Column,
  theirs: Readonly<Record<string, Column>>,
  published: Readonly<Record<string, Readonly<Record<string, number>>>>,
): string {
  const names = systems.map(({ name }) => name);
  const peers = Object.keys(theirs);
  const known = PUBLISHED.filter((name) => published[name]);
  const header = [
    'grouping',
    'ours',
    'F1',
    ...peers.flatMap((peer) => [peer, 'F1']),
    ...known.map((one) => `${one} *`),
  ];
  const rows = names.map((name) => [
    name,
    three(ours[name]?.accuracy),
    three(ours[name]?.f1),
    ...peers.flatMap((peer) => [three(theirs[peer]?.[name]?.accuracy), three(theirs[peer]?.[name]?.f1)]),
    ...known.map((one) => three(published[one]?.[name])),
  ]);
  const meanOf = (column: Column | undefined, key: 'accuracy' | 'f1') =>
    average(names.map((name) => column?.[name]?.[key] ?? 0));
  const last = [
    `mean of ${names.length}`,
    three(meanOf(ours, 'accuracy')),
    three(meanOf(ours, 'f1')),
    ...peers.flatMap((peer) => [three(meanOf(theirs[peer], 'accuracy')), three(meanOf(theirs[peer], 'f1'))]),
    ...known.map((one) => three(average(names.map((name) => published[one]?.[name] ?? NaN)))),
  ];
  const columnsOf: [string, Column][] = [['ours', ours], ...Object.entries(theirs)];
  const intervals = columnsOf.map(([name, column]) => {
    const [low, high] = interval(names, (sample) => average(sample.map((one) => column[one]?.accuracy ?? 0)));
    return `${name} ${three(low)}-${three(high)}`;
  });
  const note =
    known.length > 0 ? '\n* published, with regular expressions and settings made for each system: not comparable' : '';
  return `${columns([header, ...rows, last])}${note}\n95 % interval of the mean accuracy (bootstrap over ${names.length} systems): ${intervals.join(', ')}`;
}

function correctedLine(systems: readonly System[], found: ReadonlyMap<string, readonly number[]>): string {
  const judged = systems.flatMap(({ name, corrected }) =>
    corrected ? [grouping(corrected, found.get(name) ?? [])] : [],
  );
  return `Against the corrected templates (${judged.length} systems): accuracy ${three(average(judged.map(({ accuracy }) => accuracy)))}, F1 ${three(average(judged.map(({ f1 }) => f1)))}.`;
}

function publishedFor(data: string): Record<string, Record<string, number>> {
  const text = readText(join(data, 'published', 'logparser_loghub2k_grouping_accuracy.csv'));
  if (text === undefined) return {};
  return Object.fromEntries(
    recordsOf(text).map(({ parser = '', ...cells }) => [parser, mapValues(cells, (cell) => Number(cell))]),
  );
}

function metrics(column: Column): Record<string, number> {
  const all = Object.entries(column);
  return {
    grouping_accuracy: average(all.map(([, { accuracy }]) => accuracy)),
    grouping_f1: average(all.map(([, { f1 }]) => f1)),
    ...Object.fromEntries(all.map(([name, { accuracy }]) => [`grouping_accuracy_${name}`, accuracy])),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
