/**
 * Numenta Anomaly Benchmark 1.1 (Lavin and Ahmad 2015) by its own protocol: each series streamed once, one configuration,
 * one threshold for the corpus and profile, probation left out, detections worth more the earlier they are. With
 * `--synthetic` the same scoring of series made from a seed.
 */
import { writeJson } from '../../cli/output-files.ts';
import { optionsOf } from '../support/public-set.ts';
import { columns } from '../support/columns.ts';
import { interval } from '../support/intervals.ts';
import { type Case, readCases, readProfiles, readPublished, readRaw } from './cases.ts';
import { type Entrant, fromPublished, fromScores, judgeAlerts, type Run, runOurs } from './entrants.ts';
import { normalised, type Profile } from './score.ts';
import { runSynthetic } from './tuning.ts';

const OURS = 'Prunella';
const SOURCE = 'github.com/numenta/NAB (data, labels, config; results with raw scores by detector in results/raw)';
/** The strongest peers, shown by category. */
const RIVALS = ['ARTime', 'contextOSE', 'numenta'];
const MARK = ' *';

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  if (args.includes('--synthetic')) return runSynthetic(print);
  const started = performance.now();
  const options = optionsOf(args, 'nab', SOURCE, print);
  if (!options) return;
  const [cases, profiles] = [readCases(options.folder), readProfiles(options.folder)];
  if (cases.length === 0) return print(`nab: no labelled series in ${options.folder}. They come from ${SOURCE}.`);
  const runs = cases.map(runOurs);
  const ours = fromScores(OURS, cases, scoresOf(runs), profiles);
  const entrants = [ours, ...peersIn(options.folder, cases, profiles)];
  if (entrants.length === 1) print(`no peer, no ratio: there are no results in ${options.folder}`);
  const all = cases.map((_, i) => i);
  const parts = { nab: all, 'nab-aws': all.filter((i) => cases[i]?.aws) };
  // Where there is no window there is no score.
  const scored = Object.entries(parts).filter(([, part]) => part.some((i) => cases[i]!.windows.length > 0));
  const measured = scored.map(([name, part]) => {
    print(`${tableOf(name, cases, part, profiles, entrants)}\n`);
    return [name, measure(cases, part, profiles, entrants)] as const;
  });
  print(`${byCategory(cases, profiles, entrants)}\n`);
  print(`*  scores by series as published, at the threshold that was best for all 58 series; the others: best for these
Whole corpus, published, not comparable with a part of it: ARTime 74.9/65.1/80.4, HTM 70.5/62.6/75.2, CAD OSE 69.9/67.0/73.2`);
  print(ownAlerts(cases, runs));
  const seconds = (performance.now() - started) / 1000;
  const results = Object.fromEntries(measured.map(([name, figures]) => [name, { ...figures, seconds }]));
  writeJson(options.json, results);
}

const scoresOf = (runs: readonly Run[]): readonly Float64Array[] => runs.map(({ scores }) => scores);

/** From raw scores where there are some, else from published scores by series. */
function peersIn(folder: string, cases: readonly Case[], profiles: readonly Profile[]): readonly Entrant[] {
  const raw = [...readRaw(folder)].flatMap(([name, byFile]) => {
    const scores = cases.map(({ file }) => byFile.get(file));
    return scores.every((each) => each !== undefined) ? [fromScores(name, cases, scores, profiles)] : [];
  });
  const known = new Set(['null', ...raw.map(({ name }) => name)]);
  const others = fromPublished(cases, readPublished(folder)).filter(({ name }) => !known.has(name));
  return [...raw, ...others.map((peer) => ({ ...peer, name: peer.name + MARK }))];
}

/** The normalised score of an entrant on some of the cases. */
function score(entrant: Entrant, cases: readonly Case[], part: readonly number[], profile: Profile): number {
  const raw = entrant.raw[profile.name] ?? [];
  const windows = part.reduce((sum, i) => sum + (cases[i]?.windows.length ?? 0), 0);
  return normalised(
    part.reduce((sum, i) => sum + (raw[i] ?? 0), 0),
    windows,
    profile,
  );
}

function measure(
  cases: readonly Case[],
  part: readonly number[],
  profiles: readonly Profile[],
  entrants: readonly Entrant[],
) {
  const figures = (entrant: Entrant) =>
    Object.fromEntries(profiles.map((profile) => [profile.name, score(entrant, cases, part, profile)]));
  const [ours, ...peers] = entrants;
  return {
    ours: ours ? figures(ours) : {},
    peers: Object.fromEntries(peers.map((peer) => [peer.name, figures(peer)])),
  };
}

function tableOf(
  name: string,
  cases: readonly Case[],
  part: readonly number[],
  profiles: readonly Profile[],
  entrants: readonly Entrant[],
): string {
  const [ours] = entrants;
  const [first] = profiles;
  const cell = (statistic: (sample: readonly number[]) => number) => {
    const [low, high] = interval(part, statistic);
    return `${statistic(part).toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
  };
  const rows = entrants.map((entrant) => {
    const ahead = (sample: readonly number[]) =>
      ours && first ? score(ours, cases, sample, first) - score(entrant, cases, sample, first) : Number.NaN;
    return [
      entrant.name,
      ...profiles.map((profile) => cell((sample) => score(entrant, cases, sample, profile))),
      entrant === ours ? '' : cell(ahead),
    ];
  });
  const windows = part.reduce((sum, i) => sum + (cases[i]?.windows.length ?? 0), 0);
  const title = `${name}, n = ${part.length} series, ${windows} windows (95 %)`;
  return columns([[title, ...profiles.map((profile) => profile.name), 'ours ahead by, paired'], ...rows]);
}

/** The standard profile by category, ours beside the strongest. */
function byCategory(cases: readonly Case[], profiles: readonly Profile[], entrants: readonly Entrant[]): string {
  const [standard] = profiles;
  const shown = entrants.filter(({ name }) => [OURS, ...RIVALS].includes(name.replace(MARK, '')));
  const categories = [...new Set(cases.map(({ file }) => categoryOf(file)))];
  const rows = categories.map((category) => {
    const part = cases.flatMap(({ file }, i) => (categoryOf(file) === category ? [i] : []));
    const windows = part.reduce((sum, i) => sum + (cases[i]?.windows.length ?? 0), 0);
    const cells = shown.map((entrant) => {
      const cost = part.reduce((sum, i) => sum + (entrant.raw[standard?.name ?? '']?.[i] ?? 0), 0);
      return windows === 0 || !standard ? `cost ${cost.toFixed(2)}` : score(entrant, cases, part, standard).toFixed(1);
    });
    return [category, String(part.length), String(windows), ...cells];
  });
  return columns([['standard, by category', 'series', 'windows', ...shown.map(({ name }) => name)], ...rows]);
}

const categoryOf = (file: string): string => file.slice(0, file.indexOf('/'));

function ownAlerts(cases: readonly Case[], runs: readonly Run[]): string {
  const windows = cases.reduce((sum, { windows: own }) => sum + own.length, 0);
  const { found, outside, perWeek } = judgeAlerts(cases, runs);
  const points = cases.reduce((sum, { samples }) => sum + samples.length, 0);
  const microseconds = runs.reduce((sum, each) => sum + each.microseconds, 0) / points;
  const bytes = Math.max(...runs.map((one) => one.bytes));
  return `Alerts at the default rate (1 a series and week; no label chose it): ${found} of ${windows} windows, ${outside} outside them, ${perWeek.toFixed(2)} a series and week.
${microseconds.toFixed(1)} µs of processor time a point, state of at most ${(bytes / 1000).toFixed(0)} KB packed.`;
}
