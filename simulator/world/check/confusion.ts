import { parseArgs } from 'node:util';
import { UsageError, wholeNumber } from '../../../cli/command.ts';
import { diagnose } from '../../../functions/diagnose/diagnose.ts';
import type { Hypothesis } from '../../../layers/core/diagnosis.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { minutes } from '../../../layers/core/units.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { pick } from '../../../sandbox/load/random.ts';
import { faults } from '../faults.generated.ts';
import { shops } from '../spec.ts';
import { World } from '../world.ts';
import { Observer } from './observer.ts';

/**
 * Which faults the rules name right: a fault enters a healthy shop, its alarms or events open an incident, the evidence is
 * taken as Diagnose takes it, and the first hypothesis is compared with the truth. Run as a program it prints the table:
 * `node simulator/world/check/confusion.ts [--seeds N] [--fault NAME]… [--why]`.
 */

export interface Case {
  readonly fault: string;
  readonly variant: string;
  readonly seed: number;
  /** What an incident on the resource that was looked at should be called. */
  readonly expected: Fault;
  /** `unseen`: nothing rang within twenty minutes. */
  readonly named: Fault | 'unseen';
  readonly hypotheses: readonly Hypothesis[];
  /** What could not be read. */
  readonly gaps: readonly string[];
  readonly confounder: string;
}

export type FaultName = keyof typeof faults;
export const NAMES = Object.keys(faults) as FaultName[];

const START = '2026-03-02T11:20:00.000Z';
const WARM = minutes(40);
/** What Gather waits. */
const GATHER = 30;

const CONFOUNDERS = ['none', 'none', 'innocent-deployment', 'parameter-write', 'traffic-rise', 'scale-in'] as const;

export async function look(fault: FaultName, seed: number, confounded = true): Promise<Case> {
  const random = seeded(seed * 7919 + fault.length);
  const world = new World({ ...shops(), seed, start: START });
  const observer = new Observer(world);
  await observer.run(60);
  await observer.discover();
  await observer.run(WARM);
  const confounder = confounded ? pick(random, CONFOUNDERS) : 'none';
  const services = faults[fault].targets(world.fleet);
  const target = pick(random, services);
  if (confounder !== 'none' && world.fleet.services.has(target)) world.confound(confounder, target);
  await observer.run(minutes(4));
  observer.forget();
  const { resource, fault: cause, variant, suffer } = world.inject(fault, target);
  const fromCallers = fault === 'dependency-failure';
  const seen = await observer.until(fromCallers ? suffer : [resource], minutes(20));
  const about = { fault, variant, seed, confounder, expected: fromCallers ? ('dependency-failure' as const) : cause };
  if (!seen) return { ...about, named: 'unseen', hypotheses: [], gaps: [] };
  await observer.run(GATHER);
  const { hypotheses, gaps } = diagnose(await observer.evidence(seen));
  return { ...about, named: hypotheses[0]?.fault ?? 'unknown', hypotheses, gaps };
}

export async function matrix(seeds: number, names: readonly FaultName[] = NAMES): Promise<Case[]> {
  const cases: Case[] = [];
  for (const name of names) for (let seed = 1; seed <= seeds; seed += 1) cases.push(await look(name, seed));
  return cases;
}

/** One line a fault: how often it was named right, and what it was called otherwise. */
export function table(cases: readonly Case[]): string[] {
  return [...Map.groupBy(cases, ({ fault }) => fault)].map(([fault, all]) => {
    const right = all.filter(({ named, expected }) => named === expected).length;
    const wrong = all.filter(({ named, expected }) => named !== expected);
    const others = [...Map.groupBy(wrong, ({ named, variant }) => `${named} (${variant})`)]
      .map(([named, some]) => `${named} ${some.length}`)
      .sort();
    return `${fault.padEnd(22)} ${String(right).padStart(3)} of ${all.length}   ${others.join(', ')}`;
  });
}

/** Of each case that was named wrong: what was thought of it, and why. */
function mistakes(cases: readonly Case[]): string[] {
  return cases
    .filter(({ named, expected }) => named !== expected)
    .flatMap(({ fault, variant, seed, confounder, hypotheses }) => [
      `\n${fault} ${variant} seed ${seed} with ${confounder}:`,
      ...hypotheses.slice(0, 3).map((one) => `   ${one.fault} ${one.confidence.toFixed(2)} ${one.because.join(' ')}`),
    ]);
}

function faultNamed(name: string): FaultName {
  const found = NAMES.find((one) => one === name);
  if (found) return found;
  throw new UsageError(`supply a fault (${NAMES.join(', ')}), got ${name}`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seeds: { type: 'string' }, fault: { type: 'string', multiple: true }, why: { type: 'boolean' } },
  });
  const seeds = wholeNumber({ seeds: values.seeds }, 'seeds', 20);
  const cases = await matrix(seeds, values.fault?.map(faultNamed));
  const lines = [...table(cases), ...(values.why ? mistakes(cases) : [])];
  process.stdout.write(`${lines.join('\n')}\n`);
}
