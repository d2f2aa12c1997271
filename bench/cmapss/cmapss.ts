/**
 * NASA C-MAPSS FD001 (Saxena et al. 2008): does an engine fail within 30 cycles? Five folds by engine of the training file,
 * each engine cut once, uniformly at random, when it is tested; thresholds are chosen on the training folds. Where the test
 * file and its truth are there too, its engines are judged at their last cycle, by what was learned from the training file;
 * where there is no training file, in five folds.
 */
import { join } from 'node:path';
import { writeJson } from '../../cli/output-files.ts';
import { reliability } from '../../functions/detect/failure/calibration.ts';
import { foretellFailure, learnFailure } from '../../functions/detect/failure/failure-model.ts';
import { columns } from '../support/columns.ts';
import { interval } from '../support/intervals.ts';
import { askPeers } from '../support/peers.ts';
import { optionsOf } from '../support/public-set.ts';
import { FOLDS, HORIZON, readEngines, SEED, TEST, type Engine } from './engines.ts';
import { countAt, f1, fails, judgedAt, measure, type Said } from './judge.ts';

const OURS = 'Prunella';
const SOURCE = 'the NASA Prognostics Data Repository (C-MAPSS, FD001)';

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const started = performance.now();
  const options = optionsOf(args, 'cmapss_fd001', SOURCE, print);
  if (!options) return;
  const { folder, json } = options;
  const engines = readEngines(folder);
  if (engines.length < FOLDS)
    return print(
      `cmapss: ${engines.length} engines in ${folder}, ${FOLDS} are needed. Put train_FD001.txt there, or test_FD001.txt and RUL_FD001.txt, from ${SOURCE}.`,
    );
  const ours = foretellAll(engines, print);
  const { answer, missing } = askPeers<Record<string, Said[]>>(join(import.meta.dirname, 'peers.py'), {
    horizon: HORIZON,
    test: TEST,
    engines: engines.map(({ rows, features, fold, left }) => ({
      fold,
      left,
      raw: rows.map((row, t) => [t + 1, ...row]),
      features: features.map((row) => [...row]),
    })),
  });
  const results = { [OURS]: ours, ...answer };
  const folded = engines.some(({ left }) => left === 0) ? 'cmapss' : 'cmapss test file, in folds';
  const parts = [
    { name: folded, of: engines.filter(({ fold }) => fold !== TEST) },
    { name: 'cmapss test file', of: engines.filter(({ fold }) => fold === TEST) },
  ].filter(({ of }) => of.length > 0);
  const measured = parts.map(({ name, of }) => {
    const chosen = only(results, engines, of);
    print(tableOf(name, of, chosen));
    print(reliabilityOf(of, chosen[OURS] ?? []));
    const { [OURS]: mine, ...peers } = Object.fromEntries(
      Object.entries(chosen).map(([title, said]) => [title, measure(of, said)]),
    );
    return [name, { ours: mine, peers, seconds: (performance.now() - started) / 1000 }];
  });
  if (missing !== undefined) print(`no peer, no ratio: ${missing}`);
  print('Published on the test file: LSTM .96, logistic regression .96, boosting .94. Not comparable with the folds.');
  writeJson(json, Object.fromEntries(measured));
}

function only(results: Readonly<Record<string, readonly Said[]>>, all: readonly Engine[], of: readonly Engine[]) {
  const chosen = new Set(of);
  return Object.fromEntries(
    Object.entries(results).map(([name, said]) => [name, said.filter((_, i) => chosen.has(all[i]!))]),
  );
}

/** Each engine judged by a model that has not seen it. */
function foretellAll(engines: readonly Engine[], print: (line: string) => void): Said[] {
  const folds = [...new Set(engines.map(({ fold }) => fold))].sort((a, b) => a - b);
  const models = new Map(
    folds.map((fold) => {
      const started = performance.now();
      const others = engines.filter((engine) => engine.fold !== TEST && engine.fold !== fold);
      const model = learnFailure(
        others.map(({ features, left }) => ({ features, failed: true, failsIn: left })),
        HORIZON,
        SEED,
      );
      const [seconds, size] = [(performance.now() - started) / 1000, JSON.stringify(model).length / 1024];
      const name = fold === TEST ? 'test file' : `fold ${fold + 1} of ${FOLDS}`;
      print(`  ${name}: learned in ${seconds.toFixed(0)} s, model of ${size.toFixed(0)} KB`);
      return [fold, model];
    }),
  );
  return engines.map(({ features, fold }) => {
    const said = features.map((row) => foretellFailure(models.get(fold)!, row));
    return { alarms: said.map(({ alarm }) => alarm), probabilities: said.map(({ probability }) => probability) };
  });
}

function tableOf(name: string, engines: readonly Engine[], results: Readonly<Record<string, readonly Said[]>>): string {
  const counts = (said: readonly Said[], where: 'cut' | 'every cut') =>
    engines.map((engine, i) => countAt(engine, said[i]!, where));
  const range = ([low, high]: readonly [number, number]) => `(${low.toFixed(3)}-${high.toFixed(3)})`;
  const ours = counts(results[OURS] ?? [], 'every cut');
  const rows = Object.entries(results).map(([title, said]) => {
    const [cut, every] = [counts(said, 'cut'), counts(said, 'every cut')];
    const pairs = every.map((theirs, i) => ({ theirs, ours: ours[i]! }));
    const lead = (sample: readonly (typeof pairs)[number][]) =>
      f1(sample.map((one) => one.ours)) - f1(sample.map(({ theirs }) => theirs));
    return [
      title,
      `${f1(cut).toFixed(3)} ${range(interval(cut, f1))}`,
      `${f1(every).toFixed(3)} ${range(interval(every, f1))}`,
      title === OURS ? '' : `${lead(pairs).toFixed(3)} ${range(interval(pairs, lead))}`,
      measure(engines, said).brier.toFixed(4),
    ];
  });
  const failing = engines.filter((engine) => fails(engine, engine.cut)).length;
  const title = `${name}, n = ${engines.length} engines, ${failing} failing at the cut`;
  return columns([[title, 'F1 (95 %)', 'F1, every cut (95 %)', 'ours ahead by, paired', 'Brier'], ...rows]);
}

function reliabilityOf(engines: readonly Engine[], said: readonly Said[]): string {
  const rows = reliability(engines.flatMap((engine, i) => judgedAt(engine, said[i]!)));
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  return columns([
    ['reliability: foretold', 'mean foretold', 'came true', 'cycles'],
    ...rows.map(({ from, to, foretold, cameTrue, count }) => [
      `${percent(from)} to ${percent(to)}`,
      percent(foretold),
      percent(cameTrue),
      String(count),
    ]),
  ]);
}
