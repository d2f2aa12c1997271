/** `npm run cost`: what watching costs, and how soon it sees something, for 100 and 700 resources. */
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../cli/command.ts';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import { detector } from '../../functions/detect/detectors/calibrated-ensemble.ts';
import { learnFailure, type FailureModel } from '../../functions/detect/failure/failure-model.ts';
import { columnsOf } from '../../functions/detect/failure/view.ts';
import { probeAll } from '../../functions/probe/probe.ts';
import { MONTH, planIntervals } from '../../functions/watch/interval.ts';
import { groupsOf } from '../../functions/watch/groups.ts';
import { logsId, stepLogs } from '../../functions/watch/logs.ts';
import { tick } from '../../functions/watch/plan.ts';
import { PRICES } from '../../functions/watch/prices.ts';
import { LEARNED_FOR, LEARNS_FROM, stepTogether, TOGETHER, togetherOf } from '../../functions/watch/service.ts';
import { watchBatch } from '../../functions/watch/watch.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { compressed } from '../../layers/core/packed.ts';
import type { Reached } from '../../layers/core/probe.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { addSeconds, hours, type Instant, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH, type WatchPolicy } from '../../layers/core/watch-policy.ts';
import { isSlow, seriesOf, type WatchedSeries } from '../../layers/core/watched-series.ts';
import { awsFor } from '../../layers/runtime/aws.ts';
import { putSignals } from '../../layers/runtime/bus.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import type { KeptSeries, ProbeState } from '../../layers/runtime/kb/knowledge.ts';
import { publishProbes } from '../../layers/runtime/probe-points.ts';
import { sendAll } from '../../layers/runtime/queue.ts';
import { Account, nothing, said, usualAt, type Asked } from './account.ts';
import { fleet } from './fleet.ts';

const SIZES = [100, 700];
const BUDGETS = [1, 2, 5, 10, 25, 50];
/** Reads are spread over the interval, so that an hour is a fair part of a month; twice as long takes twice as long. */
const DEFAULT_HOURS = 1;
/** Lambda polls a quiet queue over five connections, each waiting twenty seconds. */
const POLLS_A_SECOND = 5 / 20;
const MEMORY = { plan: 512, watch: 1769, probe: 256 };
/** Fifty probes at once have their answers within so many seconds. */
const WAITED: Seconds = 0.5;

const HELP = `Usage: npm run cost -- [--hours N] [--json FILE]

Plans and watches 100 and 700 resources in virtual time on an account in memory, counts every call, and multiplies by AWS's
prices (functions/watch/prices.ts, without free tiers).

  --hours N     virtual hours that are watched and counted (default ${DEFAULT_HOURS})
  --json FILE   write the figures as JSON`;

interface Counted {
  readonly resources: number;
  readonly series: number;
  /** Mean and longest time between two reads of a resource. */
  readonly interval: Seconds;
  readonly longest: Seconds;
  readonly asked: Asked;
  /** US dollars a month, by what is paid for. */
  readonly costs: Readonly<Record<string, number>>;
  readonly dollars: number;
}

/** Two weeks of a metric, as a detector remembers them: what every series of an account that was watched for long has. */
function grownState(until: Seconds): Uint8Array<ArrayBuffer> {
  let state = detector.start({ alertsPerWeek: 1, seed: 1 });
  for (let i = 0; i < 4032; i += 1) {
    const at = until - (4032 - i) * 300;
    ({ state } = detector.step(state, { at, value: usualAt(at) }));
  }
  return compressed(state);
}

async function count(size: number, virtual: number): Promise<Counted> {
  const account = new Account();
  const resources = fleet(size);
  const policy = DEFAULT_WATCH;
  await account.run(() => furnish(resources, account));
  await account.run(() => spread(account, policy));
  account.asked = nothing();
  const probes = resources.flatMap((one) => one.probes).length;
  for (let minute = 0; minute < virtual * 60; minute += 1) {
    account.pass(60);
    await round(account, policy, probes);
  }
  const watches = await account.run(() => knowledge.watches());
  const asked = monthly(account.asked, hours(virtual));
  const costs = costsOf(asked);
  return {
    resources: size,
    series: resources.flatMap(seriesOf).length,
    interval: watches.reduce((sum, { interval }) => sum + interval, 0) / watches.length,
    longest: Math.max(...watches.map(({ interval }) => interval)),
    asked,
    costs,
    dollars: Object.values(costs).reduce((sum, dollars) => sum + dollars, 0),
  };
}

/** Puts the inventory, and states that were last kept at some time of the past three days. */
async function furnish(resources: readonly Resource[], account: Account): Promise<void> {
  const now = Date.parse(account.now) / 1000;
  const detectorState = grownState(now - 86_400);
  const heard = grownLog(now, account.now);
  const learned = new Map<string, KeptSeries | undefined>();
  for (const type of new Set(resources.map((one) => one.type))) await keepModel(type, resources, account);
  let n = 0;
  for (const resource of resources) {
    await knowledge.putResource(resource);
    for (const group of groupsOf(resource)) await knowledge.keepSeries({ arn: resource.arn, id: logsId(group) }, heard);
    const together = togetherOf(seriesOf(resource));
    const kind = together.map(({ id }) => id).join();
    if (!learned.has(kind)) learned.set(kind, learnedTogether(together, account.now));
    const model = learned.get(kind);
    const at = addSeconds(account.now, -((n += 7919) % LEARNED_FOR));
    if (model) await knowledge.keepSeries({ arn: resource.arn, id: TOGETHER }, { ...model, keptAt: at });
    for (const { id } of resource.probes) await knowledge.keepProbeState(answered(resource, id));
    for (const series of seriesOf(resource)) {
      if (isSlow(series))
        await knowledge.keepSeries({ arn: resource.arn, id: series.id }, lookedAt(account.now, (n += 7919)));
      if (series.looksFor !== 'anomaly') continue;
      const keptAt = addSeconds(account.now, -((n += 7919) % (3 * 86_400)));
      await knowledge.keepSeries(
        { arn: resource.arn, id: series.id },
        { version: 1, last: now - 86_400, keptAt, detector: detectorState },
      );
    }
  }
}

/** What is normal of all metrics together, learned at some time of the past week; undefined where they are too few. */
function learnedTogether(series: readonly WatchedSeries[], now: Instant): KeptSeries | undefined {
  const until = Date.parse(now) / 1000;
  const times = Array.from({ length: LEARNS_FROM / 300 }, (_, i) => until - LEARNS_FROM + 300 * i);
  const points = new Map(series.map((one) => [one, times.map((at) => [at, usualAt(at)] as const)]));
  return stepTogether(series, points, undefined, now, DEFAULT_WATCH, false).keep;
}

/** A log that was listened to for a day. */
function grownLog(until: Seconds, now: Instant): KeptSeries {
  const lines = said((until - 86_400) * 1000, until * 1000).map(({ timestamp, message }) => ({
    at: timestamp,
    text: message,
  }));
  return stepLogs('log', undefined, { lines, whole: true }, until, now, DEFAULT_WATCH).keep;
}

/** A slow series that was looked at at some time of the past half day. */
const lookedAt = (now: Instant, n: number): KeptSeries => ({
  version: 1,
  last: null,
  keptAt: addSeconds(now, -(n % 43_200)),
});

const answered = ({ arn, probes }: Resource, id: string): ProbeState => ({
  arn,
  id,
  target: probes.find((probe) => probe.id === id)!.target,
  version: 1,
  answered: true,
  failures: 0,
  told: false,
});

/** A learned failure model for each type, as large as a real one, that never alarms. */
async function keepModel(type: Resource['type'], resources: readonly Resource[], { now }: Account): Promise<void> {
  const columns = columnsOf(resources.filter((one) => one.type === type));
  const random = seeded(1);
  const lives = Array.from({ length: 40 }, (_, n) => ({
    failed: n % 2 === 0,
    features: Array.from({ length: 30 }, () => Float64Array.from({ length: 1 + 6 * columns.length }, random)),
  }));
  const model = compressed({ ...learnFailure(lives, 8, 1), alarmFrom: Number.MAX_VALUE } as FailureModel);
  const counts = { failures: 20, healthy: 20 };
  const losses = { brier: 0, logLoss: 0 };
  const figures = {
    learnedFrom: counts,
    judgedOn: { ...counts, since: now },
    own: losses,
    inUse: { ...losses, version: 0 },
    chance: 0,
    reliability: [],
    seconds: 0,
    kilobytes: model.byteLength / 1024,
  };
  const version = { type, version: 1, learnedAt: now, columns, model, figures, why: 'made for this count' };
  await knowledge.putModel(version, { use: true, seen: 0, forget: [] });
}

/** The plan of an account that was watched for long: each resource is due at some time of its own interval. */
async function spread(account: Account, policy: WatchPolicy): Promise<void> {
  await tick({ ...knowledge, send: () => Promise.resolve() }, policy, account.now);
  const random = seeded(2);
  const planned = await knowledge.watches();
  await knowledge.putWatches(
    planned.map((watch) => ({ ...watch, due: addSeconds(account.now, random() * watch.interval) })),
    [],
  );
}

/** One run of the probes, one tick of the plan, and what it sent to the queue. */
async function round(account: Account, policy: WatchPolicy, probes: number): Promise<void> {
  await account.invoke(MEMORY.probe, () => {
    const [now, deadline] = [() => account.now, addSeconds(account.now, 45)];
    const reach = (): Promise<Reached> => Promise.resolve({ ok: true });
    return probeAll({ ...knowledge, publish: publishProbes, tell: putSignals, reach, now }, account.now, deadline);
  });
  account.asked.gigabyteSeconds += (Math.ceil(probes / 50) * WAITED * MEMORY.probe) / 1024;
  await account.invoke(MEMORY.plan, () => {
    const send = (messages: readonly object[]): Promise<void> => sendAll('http://queue', messages);
    return tick({ ...knowledge, send }, policy, account.now);
  });
  for (const body of account.sent.splice(0)) {
    const { arns } = JSON.parse(body) as { arns: string[] };
    account.asked.queueRequests += 2; // received and deleted
    await account.invoke(MEMORY.watch, () => {
      const { recordsOf: resources, seriesKept: kept, keepSeries: keep } = knowledge;
      const ports = {
        ...knowledge,
        aws: awsFor(arns[0]!),
        resources,
        kept,
        keep,
        tell: putSignals,
      };
      return watchBatch(arns, ports, policy, account.now);
    });
  }
}

function monthly(asked: Asked, over: Seconds): Asked {
  const month = Object.fromEntries(Object.entries(asked).map(([what, times]) => [what, (times * MONTH) / over]));
  return { ...(month as unknown as Asked), queueRequests: month['queueRequests']! + POLLS_A_SECOND * MONTH };
}

function costsOf(asked: Asked): Record<string, number> {
  return {
    metrics: asked.metrics * PRICES.metric,
    database: asked.readUnits * PRICES.readUnit + asked.writeUnits * PRICES.writeUnit,
    functions: asked.invocations * PRICES.invocation + asked.gigabyteSeconds * PRICES.gigabyteSecond,
    queue: asked.queueRequests * PRICES.queueRequest,
    events: asked.events * PRICES.event,
  };
}

const minutesOf = (time: Seconds): string => `${(time / 60).toFixed(1)} min`;
const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean' }, hours: { type: 'string' }, json: { type: 'string' } },
  });
  if (values.help) return console.log(HELP);
  mustBeWritable(values);
  const virtual = wholeNumber(values, 'hours', DEFAULT_HOURS);
  console.log(
    'What a budget buys: mean time between two reads of a resource (something is seen half of it later, on average).\n',
  );
  const planned = BUDGETS.map((budget) => ({ budget, intervals: SIZES.map((size) => meanInterval(size, budget)) }));
  console.log(`$ a month and 100 resources   ${SIZES.map((size) => `${size} resources`.padStart(14)).join('')}`);
  for (const { budget, intervals } of planned)
    console.log(`${dollars(budget).padStart(27)}   ${intervals.map((one) => minutesOf(one).padStart(14)).join('')}`);
  const counted: Counted[] = [];
  for (const size of SIZES) counted.push(await count(size, virtual));
  for (const one of counted) print(one, virtual);
  writeJson(values.json, { planned, counted, prices: PRICES });
}

function meanInterval(size: number, budget: number): Seconds {
  const all = [...planIntervals(fleet(size), budget).values()];
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}

function print({ resources, series, interval, longest, asked, costs, dollars: total }: Counted, virtual: number): void {
  console.log(
    `\n${resources} resources, ${series} metrics, the default budget: calls counted over ${virtual} virtual hour${virtual === 1 ? '' : 's'}, as a month`,
  );
  console.log(`  read every ${minutesOf(interval)} on average, every ${minutesOf(longest)} at most`);
  console.log(
    `  ${Math.round(asked.metrics)} metrics in ${Math.round(asked.metricCalls)} calls of GetMetricData; ${Math.round(asked.logCalls)} reads of logs; ${Math.round(asked.events)} events`,
  );
  for (const [what, amount] of Object.entries(costs)) console.log(`  ${what.padEnd(12)}${dollars(amount).padStart(8)}`);
  console.log(
    `  ${'in all'.padEnd(12)}${dollars(total).padStart(8)} of ${dollars((DEFAULT_WATCH.dollarsPerMonth * resources) / 100)}`,
  );
}
