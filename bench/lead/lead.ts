/** `npm run bench -- lead`: how long before a leak kills it is foretold, and how often one is foretold that is none. */
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { judgeSign } from '../../functions/detect/early/judge.ts';
import { LOOKED_BACK } from '../../functions/detect/forecast/foretell.ts';
import { step } from '../../functions/watch/series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import { quantile } from '../../layers/core/statistics/quantiles.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { hours, minutes, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import type { Points, WatchedSeries } from '../../layers/core/watched-series.ts';
import { columns } from '../support/columns.ts';
import { playLeaks, tableOf } from './real.ts';
import { PERIOD, serviceOf, type Service } from './series.ts';

const LEAKS = 200;
const WEEKS = 20;
const SEED = 7;
const SHORTEST: Seconds = minutes(30);
const LONGEST: Seconds = hours(24);
/** Before a leak, whatever is told is false. */
const BEFORE: Seconds = hours(6);
const ARN = 'arn:aws:ecs:eu-west-1:111122223333:service/main/service';
const HELP = `Usage: npm run bench -- lead [--real N] [--json FILE]

Steps ${LEAKS} seeded leaks, and ${WEEKS} weeks without any, through the forecast as Watch does: a day of points a minute, the last two of
them not settled yet, what was told remembered and judged.

With --real N: so many leaks of real processes on the local account, side by side; six minutes more for each, from 20 on.`;

/** As `seriesOf` makes it of a service. */
const MEMORY: WatchedSeries = {
  id: 'memory',
  resource: ARN,
  metric: {
    id: 'm',
    namespace: 'AWS/ECS',
    metric: 'MemoryUtilization',
    dimensions: {},
    stat: 'Maximum',
    period: PERIOD,
  },
  period: PERIOD,
  looksFor: 'forecast',
  limit: { value: 100, when: 'above' },
};

interface Told {
  readonly at: Seconds;
  readonly what: Foretold;
}

/** What is told of a service between two times, read every `interval`. */
function watch({ points }: Service, from: Seconds, until: Seconds, interval: Seconds, first = false): Told[] {
  let kept: KeptSeries | undefined;
  const told: Told[] = [];
  for (let now = from; now <= until; now += interval) {
    const seen = step(MEMORY, kept, settledAt(points, now), new Date(now * 1000).toISOString(), DEFAULT_WATCH);
    kept = seen.keep ?? kept;
    if (seen.foretold) told.push(seen.foretold);
    if (first && told.length > 0) break;
  }
  return told;
}

/** As `readSeries` answers: a day back, and no point that may still change. */
function settledAt(points: Points, now: Seconds): Points {
  const at = (time: Seconds): number => Math.max(0, Math.floor(time / PERIOD));
  return points.slice(at(now - LOOKED_BACK), at(now - 2 * PERIOD) + 1);
}

interface Leak {
  readonly life: Seconds;
  /** Share that was left of the time in which it could be told: its life, or the horizon if that is shorter. */
  readonly left: number;
  /** Seconds before the end. */
  readonly lead: Seconds;
  readonly falseBefore: number;
}

function leakOf(service: Service, interval: (life: Seconds) => Seconds): Leak {
  const { from, until } = service.leak!;
  const life = until - from;
  const told = watch(service, from + interval(life), until, interval(life), true)[0];
  const lead = told ? until - told.at : 0;
  return {
    life,
    lead,
    left: lead / Math.min(life, DEFAULT_WATCH.horizon),
    falseBefore: watch(service, from - BEFORE, from, Math.max(minutes(5), interval(life))).length,
  };
}

/** Still there when Detect looks at fresh points, two minutes later: then it may be acted on. */
function isActedOn({ points }: Service, { at, what }: Told): boolean {
  const when = new Date(at * 1000).toISOString();
  const base = { id: 'forecast', at: when, resource: ARN, summary: '', expectedAt: when };
  const signal = { ...base, kind: 'forecast', detector: 'exhaustion', foretold: what } as const;
  const later = at + minutes(2);
  return judgeSign(signal, MEMORY, settledAt(points, later), later).kind === 'still';
}

function summary(name: string, leaks: readonly Leak[]) {
  const leads = leaks.map(({ lead }) => lead);
  const early = leaks.filter(({ left }) => left >= 0.5).length;
  const told = leaks.filter(({ lead }) => lead > 0).length;
  const falseTold = leaks.reduce((sum, one) => sum + one.falseBefore, 0);
  return { name, n: leaks.length, told, early, falseTold, median: quantile(leads, 0.5), tenth: quantile(leads, 0.1) };
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
const minutesOf = (time: Seconds): string => `${(time / 60).toFixed(0)} min`;

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean' }, json: { type: 'string' }, real: { type: 'string' } },
  });
  if (values.help) return print(HELP);
  if (values.real !== undefined) return runReal(Number(values.real), values.json, print);
  const started = performance.now();
  const random = seeded(SEED);
  const services = Array.from({ length: LEAKS }, () =>
    serviceOf(random, 1, SHORTEST * (LONGEST / SHORTEST) ** random()),
  ).filter(({ leak }) => leak !== undefined);
  const often = services.map((one) => leakOf(one, (life) => (life < hours(2) ? minutes(1) : minutes(5))));
  const seldom = services.map((one) => leakOf(one, () => minutes(30)));
  const rows = [
    summary('read every minute, of over two hours every 5', often),
    summary(
      'of these, lives of over an hour',
      often.filter(({ life }) => life > hours(1)),
    ),
    summary('read every half hour, as the default budget has it', seldom),
  ];
  print(
    columns([
      [
        `leaks that take ${minutesOf(SHORTEST)} to ${LONGEST / 3600} h`,
        'n',
        'told',
        'half of the time left',
        'false',
        'lead: median',
        '10 %',
      ],
      ...rows.map(({ name, n, told, early, falseTold, median, tenth }) => [
        name,
        String(n),
        percent(told, n),
        percent(early, n),
        `${percent(falseTold, falseTold + told)} (${falseTold})`,
        minutesOf(median),
        minutesOf(tenth),
      ]),
    ]),
  );
  const weeks = Array.from({ length: WEEKS }, () => serviceOf(random, 8));
  const inVain = weeks.map((one) => ({ one, told: watch(one, hours(24), hours(24 * 8), minutes(10)) }));
  const count = inVain.reduce((sum, { told }) => sum + told.length, 0);
  const acted = inVain.reduce((sum, { one, told }) => sum + told.filter((each) => isActedOn(one, each)).length, 0);
  print(
    `${WEEKS} healthy weeks, read every 10 min: ${count} foretold, ${acted} of them still so two minutes later, when it could be acted on.`,
  );
  print(
    `The time left counts from the beginning of the leak, or from when its end comes within the horizon of ${DEFAULT_WATCH.horizon / 3600} h. False: told in the ${BEFORE / 3600} h before it began.`,
  );
  const seconds = (performance.now() - started) / 1000;
  if (values.json)
    writeFileSync(
      values.json,
      `${JSON.stringify({ lead: { ours: { leaks: rows, weeks: WEEKS, inVain: count, acted }, peers: {}, seconds } }, null, 2)}\n`,
    );
}

async function runReal(count: number, json: string | undefined, print: (line: string) => void): Promise<void> {
  if (!Number.isSafeInteger(count) || count < 1 || count > 10)
    throw new Error(`--real takes a whole number from 1 to 10, got ${count}`);
  const started = performance.now();
  const leaks = await playLeaks(count, print);
  print(`\n${tableOf(leaks)}`);
  const seconds = (performance.now() - started) / 1000;
  if (json)
    writeFileSync(json, `${JSON.stringify({ 'lead, real': { ours: { leaks }, peers: {}, seconds } }, null, 2)}\n`);
}
