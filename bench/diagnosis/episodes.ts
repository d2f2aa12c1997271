/** Incidents of the modelled shop with their truth, seen as Diagnose sees them: what the fault model learns from. */
import type { Arn } from '../../layers/core/arn.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { minutes, type Seconds } from '../../layers/core/units.ts';
import { between, pick, randomFor, type Random } from '../../sandbox/load/random.ts';
import { confounders } from '../../simulator/world/confounders.generated.ts';
import { Observer } from '../../simulator/world/check/observer.ts';
import { faults } from '../../simulator/world/faults.generated.ts';
import { shops } from '../../simulator/world/spec.ts';
import { World } from '../../simulator/world/world.ts';

/** Evidence, and what was really wrong. */
export interface Case {
  readonly evidence: Evidence;
  /** Every cause there was: where, and by which of the taxonomy's names it may be called. */
  readonly truth: readonly { readonly resource: Arn; readonly faults: readonly string[] }[];
  /** What it is a case of, for the table: the fault of the simulator, or the scenario. */
  readonly kind: string;
}

type FaultName = keyof typeof faults;
export const FAULT_NAMES = Object.keys(faults) as FaultName[];

/** How long the shop runs before: what is normal must be known. */
const WARM: Seconds = minutes(40);
/** What Gather waits. */
const GATHER: Seconds = 30;
const SEEN_WITHIN: Seconds = minutes(20);
/** An innocent thing comes in three of four cases, half of the time to the very resource that falls ill. */
const CONFOUNDED = 0.75;

/** One fault of each kind. The same seed gives the same cases of a kind, whatever other kinds there are. */
export async function casesOf(seed: number, names = FAULT_NAMES): Promise<Case[]> {
  const all: Case[] = [];
  for (const name of names) all.push(...(await casesOfFault(name, seed)));
  return all;
}

/** The incidents that one fault opens, on its resource and on those who suffer: soon after, and one of them again later. */
export async function casesOfFault(name: FaultName, seed: number): Promise<Case[]> {
  const random = randomFor(seed, name);
  const { world, observer } = await healthy(random, Math.floor(random() * 2 ** 31));
  const target = pick(random, faults[name].targets(world.fleet));
  if (random() < CONFOUNDED) confound(world, target, random);
  await observer.run(Math.round(between(random, 60, 360)));
  observer.forget();
  const injected = world.inject(name, target);
  const about = [injected.resource, ...injected.suffer];
  if (!(await observer.until(about, SEEN_WITHIN))) return [];
  await observer.run(GATHER);
  const soon = await casesNow(observer, about, world);
  await observer.run(Math.round(between(random, 60, 300)));
  return [...soon, ...(await casesNow(observer, about, world)).slice(0, 1)];
}

async function healthy(random: Random, seed: number): Promise<{ world: World; observer: Observer }> {
  const hour = String(Math.floor(random() * 24)).padStart(2, '0');
  const spec = shops();
  // Owners differ: in how many tasks they run, in how fast they are told, and in whether they gave connections a limit.
  const services = spec.services.map((service) => ({
    ...service,
    tasks: pick(random, [2, 2, 3, 4]),
    alarms: pick(random, ['fast', 'slow'] as const),
    limited: random() < 0.5,
  }));
  const world = new World({ ...spec, services, seed, start: `2026-03-02T${hour}:20:00.000Z` });
  const observer = new Observer(world);
  await observer.run(60);
  await observer.discover();
  await observer.run(WARM);
  return { world, observer };
}

function confound(world: World, target: string, random: Random): void {
  const services = [...world.fleet.services.keys()];
  const where = random() < 0.5 && services.includes(target) ? target : pick(random, services);
  world.confound(pick(random, Object.keys(confounders)), where);
}

async function casesNow(observer: Observer, about: readonly Arn[], world: World): Promise<Case[]> {
  const { resource, fault, name, looksLike } = world.truth().at(-1)!;
  const open = about.filter((arn) => observer.opened.has(arn));
  const truth = [{ resource, faults: [...looksLike, fault] }];
  return Promise.all(open.map(async (arn) => ({ evidence: await observer.evidence(arn), truth, kind: name })));
}
