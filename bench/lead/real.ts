/** Leaks of real processes on the local account that nobody heals: how long before the end each is foretold, and when an alarm rings. */
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import type { Signal } from '../../layers/core/signal.ts';
import { hours, minutes, type Seconds } from '../../layers/core/units.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import { type Progress, progressTo } from '../../sandbox/progress.ts';
import { openTheatre, type Theatre } from '../../sandbox/scenarios/lib/account.ts';
import { type Clients, clientsOf, destroyClients } from '../../sandbox/scenarios/lib/clients.ts';
import { BASELINE, untilWell } from '../../sandbox/scenarios/lib/run.ts';
import { defineScenario } from '../../sandbox/scenarios/lib/scenario.ts';
import type { Shop } from '../../sandbox/scenarios/lib/shop.ts';
import { names } from '../../sandbox/shop/copy.ts';
import { columns } from '../support/columns.ts';

const SERVICE = 'web';
/** Searches until the first of two tasks with 512 MiB each is killed: each leaves 1 MiB behind, on one of the two. */
const SEARCHES = 900;
/** How long the leaks take, about: the first one of them, and how much longer each next one. */
const SHORTEST: Seconds = minutes(12);
const STEP: Seconds = minutes(6);
/** A leak that has killed nothing in so long is given up. */
const AT_MOST: Seconds = hours(1.5);
const LOOK: Seconds = 5;

/** One leak as it went. Times are seconds since its beginning. */
export interface RealLeak {
  /** Searches a second. */
  readonly rate: number;
  /** When the first task was killed for its memory. */
  readonly life: Seconds;
  readonly foretold: Seconds | null;
  /** When it was foretold to be over: the 90 % interval, open upwards where it may as well never come. */
  readonly interval: readonly [from: Seconds, until: Seconds | null] | null;
  /** When the owner's alarm at 80 % of the memory rang. */
  readonly alarm: Seconds | null;
}

/** One shop for each leak, its owner not letting Prunella act, so that every leak comes to its own end. */
const scenario = defineScenario({
  name: 'leak',
  summary: 'A crawler fills the memory, and nobody restarts anything.',
  watched: true,
  usually: minutes(30),
  atMost: AT_MOST,
  vary: () => ({}),
  owner: () => ({ mode: 'suggest', limits: { [SERVICE]: 'Memory above=100 period=10' } }),
  expected: () => ({ incidents: [] }),
  faultEnters: () => Promise.resolve(),
  outsideCheck: () => [],
});

/** Plays that many leaks side by side, each slower than the one before. */
export async function playLeaks(count: number, print: (line: string) => void): Promise<readonly RealLeak[]> {
  const progress = progressTo(print);
  const cast = { scenarios: Array.from({ length: count }, () => scenario), seed: 1 };
  const theatre = await openTheatre(cast, progress, () => undefined);
  const interrupted = (): void => void theatre.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    return await Promise.all(theatre.shops.map((shop, i) => play(shop, i, theatre, progress)));
  } finally {
    process.off('SIGINT', interrupted);
    await theatre.stop();
  }
}

async function play(shop: Shop, index: number, theatre: Theatre, progress: Progress): Promise<RealLeak> {
  const { endpoint, context } = theatre.sandbox;
  const clients = clientsOf({ endpoint, accountId: context.accountId, region: context.region });
  const rate = SEARCHES / (SHORTEST + index * STEP);
  try {
    shop.open();
    await untilWell(shop, BASELINE, 240, new AbortController().signal);
    const began = Date.now();
    progress.about(shop.copy.name, `begins to leak, ${rate.toFixed(2)} MiB a second`);
    shop.crawl(SERVICE, rate);
    const life = ((await killedAt(shop, began, clients)) - began) / 1000;
    const leak = { rate, life, ...heard(await signalsOf(shop), began) };
    progress.about(shop.copy.name, `killed after ${minutesOf(life)}, foretold after ${minutesOf(leak.foretold)}`);
    return leak;
  } finally {
    shop.close();
    destroyClients(clients);
  }
}

/** Milliseconds since the epoch. @throws Error when nothing was killed in time */
async function killedAt(shop: Shop, began: number, { ecs }: Clients): Promise<number> {
  const [cluster, serviceName] = [names.cluster(shop.copy.name), names.service(shop.copy.name, SERVICE)];
  while (Date.now() < began + AT_MOST * 1000) {
    const { taskArns = [] } = await ecs.send(
      new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED', maxResults: 100 }),
    );
    const { tasks = [] } =
      taskArns.length > 0 ? await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns })) : {};
    const killed = tasks.filter(({ containers }) => containers?.some(({ reason }) => reason?.includes('OutOfMemory')));
    if (killed.length > 0) return Math.min(...killed.map(({ stoppedAt }) => stoppedAt?.getTime() ?? Date.now()));
    await delay(LOOK * 1000);
  }
  throw new Error(`${shop.copy.name} should have run out of memory within ${minutesOf(AT_MOST)}, it has not`);
}

async function signalsOf(shop: Shop): Promise<readonly Signal[]> {
  const all = await incidents.listRecent(100);
  const own = all.filter(({ resource }) => resource === shop.serviceArn(SERVICE));
  return (await Promise.all(own.map(({ incidentId }) => incidents.signals(incidentId)))).flat();
}

/** What was told first, by whom. */
function heard(signals: readonly Signal[], began: number): Pick<RealLeak, 'foretold' | 'interval' | 'alarm'> {
  const since = (at: string): Seconds => (Date.parse(at) - began) / 1000;
  const sorted = signals.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const forecast = sorted.find((signal) => signal.kind === 'forecast');
  const alarm = sorted.find((signal) => signal.kind === 'alarm' && signal.state === 'ALARM');
  const foretold = forecast ? since(forecast.at) : null;
  const told = forecast?.kind === 'forecast' ? forecast.foretold : undefined;
  return {
    foretold,
    interval:
      told && foretold !== null
        ? [foretold + told.earliest, told.latest === null ? null : foretold + told.latest]
        : null,
    alarm: alarm ? since(alarm.at) : null,
  };
}

const minutesOf = (time: Seconds | null): string => (time === null ? '-' : `${(time / 60).toFixed(1)} min`);

/** A row a leak. */
export function tableOf(leaks: readonly RealLeak[]): string {
  const left = (at: Seconds | null, life: Seconds): string =>
    at === null ? '-' : `${minutesOf(life - at)} (${((100 * (life - at)) / life).toFixed(0)} %)`;
  return columns([
    ['real leaks', 'life', 'foretold: left', 'for', 'right', 'alarm at 80 %: left'],
    ...leaks.map(({ rate, life, foretold, interval, alarm }) => [
      `${rate.toFixed(2)} MiB/s`,
      minutesOf(life),
      left(foretold, life),
      interval ? `${minutesOf(interval[0])} to ${minutesOf(interval[1])}` : '-',
      interval ? (life >= interval[0] && life <= (interval[1] ?? Infinity) ? 'yes' : 'no') : '-',
      left(alarm, life),
    ]),
  ]);
}
