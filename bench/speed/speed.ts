/** `npm run bench -- speed`: what a point costs each detector, beside peers on the same points, and how much it remembers. */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import { detectors } from '../../functions/detect/detectors.generated.ts';
import { logDetectors } from '../../functions/detect/logDetectors.generated.ts';
import { serviceDetectors } from '../../functions/detect/serviceDetectors.generated.ts';
import type { Detector } from '../../layers/core/detector.ts';
import type { LogDetector } from '../../layers/core/log-detector.ts';
import { emptyLogModel, mine } from '../../layers/core/log-miner.ts';
import { compressed } from '../../layers/core/packed.ts';
import type { ServiceDetector, ServiceView } from '../../layers/core/service-detector.ts';
import { median } from '../../layers/core/statistics/quantiles.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { columns } from '../support/columns.ts';
import { askPeers } from '../support/peers.ts';

const RUNS = 5;
/** Two weeks at five minutes, which a detector that watches has seen; then as many again are timed. */
const WARM = 4032;
const TIMED = 4032;
/** So many of a peer that takes a hundred times as long. */
const TIMED_OF_PEERS = 250;
const METRICS = 19;
const LINES_A_SESSION = 12;
const SEED = 3;
const AIMS = { micros: 50, kilobytes: 200 };
const MINER = 'log templates';
/** Which of ours does what a peer does. */
const BESIDE: Readonly<Record<string, string>> = {
  rrcf: 'robust-random-cut-forest',
  river: 'calibrated-ensemble',
  'scikit-learn': 'isolation-forest',
  drain3: MINER,
};

const HELP = `Usage: npm run bench -- speed [--json FILE]

Steps every detector through ${WARM} points and times ${TIMED} more: the median of ${RUNS} runs of the time of one core (not of the clock, so
that a busy machine changes little), and its state as it is kept, compressed.`;

interface Measured {
  readonly name: string;
  readonly of: string;
  /** Points in one of these: a line of a log is one, and a row of all metrics of a service. */
  readonly points: number;
  /** Of one core, for one of these. */
  readonly micros: number;
  readonly kilobytes: number;
}

/** A daily season, noise, and now and then an outlier. */
function series(): number[] {
  const random = seeded(SEED);
  return Array.from({ length: WARM + TIMED }, (_, i) => {
    const odd = random() < 0.002 ? 40 : 0;
    return 50 + 20 * Math.sin((2 * Math.PI * i) / 288) + 4 * (random() + random() - 1) + odd;
  });
}

/** Steps `inputs`, times those after the first `warm`, and measures the state at the end. */
function timed<State, Input>(
  start: () => State,
  step: (state: State, input: Input) => State,
  inputs: readonly Input[],
  warm = WARM,
): { micros: number; state: State } {
  let state = start();
  for (const input of inputs.slice(0, warm)) state = step(state, input);
  const rest = inputs.slice(warm);
  const before = process.cpuUsage();
  for (const input of rest) state = step(state, input);
  const { user, system } = process.cpuUsage(before);
  return { micros: (user + system) / rest.length, state };
}

function medianOf(name: string, of: string, runOnce: () => { micros: number; state: unknown }, points = 1): Measured {
  const runs = Array.from({ length: RUNS }, runOnce);
  const kilobytes = compressed(runs[0]!.state).byteLength / 1024;
  return { name, of, points, micros: median(runs.map(({ micros }) => micros)), kilobytes };
}

function ofSeries(): Measured[] {
  const samples = series().map((value, i) => ({ at: i * 300, value }));
  return Object.entries(detectors).map(([name, plugin]) => {
    const detector = plugin as unknown as Detector<unknown, unknown>;
    const params = detector.params.parse({ seed: 1 });
    return medianOf(name, 'point', () =>
      timed(
        () => detector.start(params),
        (state, sample) => detector.step(state, sample).state,
        samples,
      ),
    );
  });
}

function views(): ServiceView[] {
  const random = seeded(SEED);
  const row = (): number[] => Array.from({ length: METRICS }, () => 3 * (random() + random() - 1));
  return Array.from({ length: WARM + TIMED }, () => {
    const lately = { level: row(), size: row().map(Math.abs) };
    return { level: row(), innovation: row(), lately };
  });
}

function ofServices(): Measured[] {
  const rows = views();
  return Object.entries(serviceDetectors).map(([name, plugin]) => {
    const detector = plugin as unknown as ServiceDetector;
    const model = detector.fit(rows.slice(0, WARM), 1);
    return medianOf(name, `row of ${METRICS} metrics`, () =>
      timed(
        () => model,
        (state, view) => (detector.score(state, view), state),
        rows,
      ),
    );
  });
}

function ofLogs(): Measured[] {
  const random = seeded(SEED);
  const seen = new Map<number, number>();
  const lines = Array.from({ length: WARM + TIMED }, (_, i) => {
    const template = Math.floor(60 * random() ** 3);
    seen.set(template, (seen.get(template) ?? 0) + 1);
    return { at: i, template, count: seen.get(template)! };
  });
  const sessions = Array.from({ length: WARM + TIMED }, () => ({
    events: Array.from({ length: LINES_A_SESSION }, () => Math.floor(30 * random() ** 3)),
  }));
  return Object.entries(logDetectors).map(([name, plugin]) => {
    const detector = plugin as unknown as LogDetector<unknown, unknown, unknown>;
    const params = detector.params.parse({});
    const isLine = detector.reads === 'lines';
    const inputs: readonly unknown[] = isLine ? lines : sessions;
    return medianOf(
      name,
      isLine ? 'line' : `session of ${LINES_A_SESSION} lines`,
      () =>
        timed(
          () => detector.start(params),
          (state, input) => detector.step(state, input).state,
          inputs,
        ),
      isLine ? 1 : LINES_A_SESSION,
    );
  });
}

/** Of sixty kinds, some of them seldom, with what varies in them. */
function logLines(): string[] {
  const random = seeded(SEED);
  const words = [
    'request',
    'order',
    'payment',
    'cart',
    'user',
    'stock',
    'took',
    'failed',
    'sent',
    'retry',
    'after',
    'for',
  ];
  const kinds = Array.from({ length: 60 }, () =>
    Array.from({ length: 4 + Math.floor(6 * random()) }, () => words[Math.floor(words.length * random())]!),
  );
  return Array.from({ length: WARM + TIMED }, () =>
    kinds[Math.floor(60 * random() ** 3)]!.flatMap((word) =>
      random() < 0.3 ? [word, String(Math.floor(1e6 * random()))] : [word],
    ).join(' '),
  );
}

/** As Watch reads a log: the lines since the last look at once. */
function ofTemplates(): Measured {
  const [past, fresh] = [logLines().slice(0, WARM), logLines().slice(WARM)];
  return medianOf(MINER, 'line', () => {
    const { micros, state } = timed(
      () => mine(emptyLogModel, past).model,
      (model, lines: readonly string[]) => mine(model, lines).model,
      [fresh],
      0,
    );
    return { micros: micros / fresh.length, state };
  });
}

function tableOfOurs(ours: readonly Measured[]): string {
  const rows = ours.map(({ name, of, points, micros, kilobytes }) => [
    name,
    of,
    micros.toFixed(1),
    (micros / points).toFixed(1),
    kilobytes.toFixed(1),
    micros / points < AIMS.micros && kilobytes < AIMS.kilobytes ? '' : 'over the aim',
  ]);
  return columns([[`median of ${RUNS} runs`, 'of a', 'µs of a core', 'a point', 'KB kept', ''], ...rows]);
}

function tableOfPeers(peers: readonly Measured[], ours: readonly Measured[]): string {
  const rows = peers.map(({ name, of, micros, kilobytes }) => {
    const beside = ours.find((one) => one.name === BESIDE[name.split(/[ ,]/)[0]!])!;
    const ratio = micros / beside.micros;
    return [
      name,
      of,
      micros.toFixed(1),
      kilobytes.toFixed(1),
      beside.name,
      `${ratio.toFixed(ratio < 10 ? 1 : 0)} times`,
    ];
  });
  return columns([['peers', 'of a', 'µs of a core', 'KB pickled', 'beside our', 'it takes'], ...rows]);
}

export function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean' }, json: { type: 'string' } } });
  if (values.help) return Promise.resolve(print(HELP));
  mustBeWritable(values);
  const started = performance.now();
  const ours = [...ofSeries(), ...ofServices(), ...ofLogs(), ofTemplates()];
  const { answer = [], missing } = askPeers<Measured[]>(join(import.meta.dirname, 'peers.py'), {
    runs: RUNS,
    warm: WARM,
    timed: TIMED_OF_PEERS,
    values: series(),
    rows: views().map(({ level }) => level),
    lines: logLines(),
  });
  print(tableOfOurs(ours));
  if (missing === undefined) print(tableOfPeers(answer, ours));
  else print(`no peer, no ratio: ${missing}`);
  print(
    `The aims: under ${AIMS.micros} µs a point, and under ${AIMS.kilobytes} KB a series. A line of a log is a point, so that a session is ${LINES_A_SESSION}.`,
  );
  const byName = (all: readonly Measured[]) =>
    Object.fromEntries(all.map(({ name, micros, kilobytes }) => [name, { micros, kilobytes }]));
  const seconds = (performance.now() - started) / 1000;
  writeJson(values.json, { speed: { ours: byName(ours), peers: byName(answer), seconds } });
  return Promise.resolve();
}
