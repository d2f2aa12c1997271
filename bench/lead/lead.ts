/** `npm run bench -- lead`: how long before a leak kills it is foretold, and how often one is foretold that is none. */
import { parseArgs } from 'node:util';
import { UsageError, wholeNumber } from '../../cli/command.ts';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import { quantile } from '../../layers/core/statistics/quantiles.ts';
import { seeded, type Random } from '../../layers/core/statistics/random.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { wilson } from '../../layers/core/wilson.ts';
import { columns } from '../support/columns.ts';
import { playLeaks, tableOf as tableOfReal } from './real.ts';
import { serviceOf, type Service } from './series.ts';
import { isActedOn, watch } from './watching.ts';

const LEAKS = 200;
const WEEKS = 20;
/** What is printed as the result. Nothing was chosen on it: `--tuning` has series of its own for that. */
const SCORED = 2027;
const TUNED = 101;
const SHORTEST: Seconds = minutes(30);
const LONGEST: Seconds = hours(24);
/** Before a leak, whatever is told is false. */
const BEFORE: Seconds = hours(6);
const SELDOM: Seconds = minutes(30);
const HEALTHY: Seconds = minutes(10);
const HELP = `Usage: npm run bench -- lead [--tuning | --real N] [--json FILE]

Steps ${LEAKS} seeded leaks, and ${WEEKS} weeks without any, through the forecast as Watch does: a day of points a minute, the last two of
them not settled yet, what was told remembered and judged, what is suspected looked at sooner.

  --tuning      other series (seed ${TUNED} instead of ${SCORED}): whoever changes the method looks at these
  --real N      so many leaks of real processes on the local account, side by side; six minutes more for each, from 20 on
  --json FILE   write the figures as JSON`;

interface Leak {
  readonly life: Seconds;
  /** Share that was left of the time in which it could be told: its life, or the horizon if that is shorter. */
  readonly left: Ratio;
  /** Seconds before the end; 0: it was not told. */
  readonly lead: Seconds;
  readonly falseBefore: number;
}

interface Reading {
  readonly interval: Seconds;
  /** Seconds from the beginning of the leak to the first look after it. */
  readonly phase: Seconds;
  readonly hastened?: boolean;
}

function leakOf(service: Service, { interval, phase, hastened = true }: Reading): Leak {
  const { from, until } = service.leak!;
  const found = watch(service, { from: from + phase, until, interval, hastened, first: true }).told[0];
  const before = { from: from - BEFORE, until: from, interval: Math.max(minutes(5), interval), hastened };
  return leadOf(service, found ? until - found.at : 0, watch(service, before).told.length);
}

function leadOf({ leak }: Service, lead: Seconds, falseBefore = 0): Leak {
  const life = leak!.until - leak!.from;
  return { life, lead, left: lead / Math.min(life, DEFAULT_WATCH.horizon), falseBefore };
}

/** Had it been told at the first look of `interval` after it was told to who looks all the time. */
function atNextLook(service: Service, { lead }: Leak, { interval, phase }: Reading): Leak {
  const { from, until } = service.leak!;
  const told = until - lead;
  const late = from + phase + Math.max(0, Math.ceil((told - from - phase) / interval)) * interval;
  return leadOf(service, lead > 0 ? Math.max(0, until - late) : 0);
}

function summary(name: string, leaks: readonly Leak[]) {
  const leads = leaks.map(({ lead }) => lead);
  const early = leaks.filter(({ left }) => left >= 0.5).length;
  const told = leaks.filter(({ lead }) => lead > 0).length;
  const falseTold = leaks.reduce((sum, one) => sum + one.falseBefore, 0);
  return { name, n: leaks.length, told, early, falseTold, median: quantile(leads, 0.5), tenth: quantile(leads, 0.1) };
}
type Summary = ReturnType<typeof summary>;

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
/** With its 95 % interval (Wilson 1927). */
function share(part: number, whole: number): string {
  const { from, to } = wilson(part, whole);
  return `${percent(part, whole)} (${(100 * from).toFixed(1)}-${(100 * to).toFixed(1)})`;
}
const minutesOf = (time: Seconds): string => `${(time / 60).toFixed(0)} min`;

function leaksOf(random: Random): Summary[] {
  const services = Array.from({ length: LEAKS }, () =>
    serviceOf(random, 1, SHORTEST * (LONGEST / SHORTEST) ** random()),
  ).filter(({ leak }) => leak !== undefined);
  const often = services.map((one) => {
    const interval = one.leak!.until - one.leak!.from < hours(2) ? minutes(1) : minutes(5);
    return leakOf(one, { interval, phase: interval });
  });
  const phases = services.map(() => Math.ceil((SELDOM * random()) / 60) * 60);
  const seldom = (hastened: boolean) =>
    services.map((one, i) => leakOf(one, { interval: SELDOM, phase: phases[i]!, hastened }));
  const bound = services.map((one, i) => atNextLook(one, often[i]!, { interval: SELDOM, phase: phases[i]! }));
  return [
    summary('read every minute, of over two hours every 5', often),
    summary(
      'of these, lives of over an hour',
      often.filter(({ life }) => life > hours(1)),
    ),
    summary('read every half hour', seldom(true)),
    summary('the same, and nothing looked at sooner', seldom(false)),
    summary('the same, told at the first look after the minute it could be', bound),
  ];
}

function tableOf(rows: readonly Summary[]): string {
  const range = `leaks that take ${minutesOf(SHORTEST)} to ${LONGEST / 3600} h`;
  return columns([
    [range, 'n', 'told (95 %)', 'half of the time left (95 %)', 'false', 'lead: median', '10 %'],
    ...rows.map(({ name, n, told, early, falseTold, median, tenth }) => [
      name,
      String(n),
      share(told, n),
      share(early, n),
      `${percent(falseTold, falseTold + told)} (${falseTold})`,
      minutesOf(median),
      minutesOf(tenth),
    ]),
  ]);
}

function weeksOf(random: Random) {
  const weeks = Array.from({ length: WEEKS }, () => serviceOf(random, 8));
  const span = { from: hours(24), until: hours(24 * 8), interval: HEALTHY };
  const watched = weeks.map((one) => ({ one, ...watch(one, span) }));
  const planned = WEEKS * Math.floor((span.until - span.from) / HEALTHY + 1);
  return {
    inVain: watched.reduce((sum, { told }) => sum + told.length, 0),
    acted: watched.reduce((sum, { one, told }) => sum + told.filter((each) => isActedOn(one, each)).length, 0),
    moreLooks: watched.reduce((sum, { looks }) => sum + looks, 0) / planned - 1,
  };
}

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean' },
      tuning: { type: 'boolean' },
      json: { type: 'string' },
      real: { type: 'string' },
    },
  });
  if (values.help) return print(HELP);
  mustBeWritable(values);
  if (values.real !== undefined) return runReal(wholeNumber(values, 'real', 1), values.json, print);
  const started = performance.now();
  const seed = values.tuning ? TUNED : SCORED;
  const random = seeded(seed);
  const rows = leaksOf(random);
  print(tableOf(rows));
  print(
    `The time left counts from the beginning of the leak, or from when its end comes within the horizon of ${DEFAULT_WATCH.horizon / 3600} h. False: told in the ${BEFORE / 3600} h before it began.`,
  );
  const weeks = weeksOf(random);
  print(
    `${WEEKS} healthy weeks with seasons, deployments and scale-outs, read every ${HEALTHY / 60} min: ${weeks.inVain} foretold, ${weeks.acted} of them still so when Detect looked again, so that it could be acted on. Looks that came sooner: ${percent(weeks.moreLooks, 1)} more.`,
  );
  print(
    `Seed ${seed}: ${values.tuning ? 'the series that the method is chosen on' : 'series that the method was not chosen on'}.`,
  );
  const seconds = (performance.now() - started) / 1000;
  writeJson(values.json, figuresOf(rows, weeks, seconds));
}

async function runReal(count: number, json: string | undefined, print: (line: string) => void): Promise<void> {
  if (count > 10) throw new UsageError(`--real takes a whole number from 1 to 10, got ${count}`);
  const started = performance.now();
  const leaks = await playLeaks(count, print);
  print(`\n${tableOfReal(leaks)}`);
  const seconds = (performance.now() - started) / 1000;
  writeJson(json, { 'lead, real': { ours: { leaks }, peers: {}, seconds } });
}

function figuresOf([often, , seldom]: readonly Summary[], weeks: ReturnType<typeof weeksOf>, seconds: number) {
  const figures = ({ n, early, falseTold, told }: Summary, when: string) => ({
    [`half_left${when}`]: early / n,
    [`false${when}`]: falseTold / Math.max(1, falseTold + told),
  });
  const ours = { ...figures(often!, ''), ...figures(seldom!, '_half_hourly'), weeks: WEEKS, ...weeks };
  return { lead: { ours, peers: {}, seconds } };
}
