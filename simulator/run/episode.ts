import type { Incident } from '../../layers/core/incident.ts';
import type { Attempt, Plan } from '../../layers/core/plan.ts';
import {
  addSeconds,
  hours,
  minutes,
  seconds,
  secondsBetween,
  type Ratio,
  type Seconds,
} from '../../layers/core/units.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { pick, type Random } from '../../sandbox/load/random.ts';
import { confounders } from '../world/confounders.generated.ts';
import { faults } from '../world/faults.generated.ts';
import { serviceNamed } from '../world/model/fleet.ts';
import type { Injected } from '../world/world.ts';
import type { Account } from './account.ts';

/** What one fault came to. */
export interface Episode {
  readonly n: number;
  readonly fault: string;
  readonly variant: string;
  readonly confounder: string | undefined;
  /** Whether any action heals it. */
  readonly healable: boolean;
  /** How its main incident ended; `none` when none opened. */
  readonly ending: string;
  readonly healedBy: string | undefined;
  readonly attempts: number;
  /** Changes made to what was not ill. */
  readonly wrong: readonly string[];
  /** From the fault's entry to its end; undefined when it never ended. */
  readonly lasted: Seconds | undefined;
  /** Of the requests of the ill service's customers, over the window from the entry on. */
  readonly availability: Ratio;
  /** The plans' first choices: did they name an action that heals. Undefined without a plan. */
  readonly firstRight: boolean | undefined;
  readonly diagnosed: string | undefined;
  readonly incidents: number;
}

const WARM_UP = minutes(12);
/** Customers are watched for so long, whatever happens. */
export const WINDOW = minutes(30);
/** An episode is over when all is quiet, or then. */
const AT_MOST = hours(3);
const STEP = minutes(1);
/** A confounder comes so often, and so long before the fault. */
const CONFOUNDED: Ratio = 0.3;
const BEFORE: Seconds = 90;

/** One fault in a healthy account, from a quiet start to a quiet end. */
export async function episode(account: Account, n: number, seed: number, random: Random): Promise<Episode> {
  account.renewWorld(seed);
  await account.run(WARM_UP);
  const from = account.clock.now();
  const name = pick(random, Object.keys(faults));
  const confounder = random() < CONFOUNDED ? pick(random, Object.keys(confounders)) : undefined;
  if (confounder) {
    account.world.confound(confounder, pick(random, [...account.world.fleet.services.keys()]));
    await account.run(BEFORE);
  }
  const entered = account.world.inject(name);
  await account.run(WINDOW);
  await untilQuiet(account, from);
  return judge(account, n, entered, confounder, from);
}

/** Until no incident is open and no lease is held. */
async function untilQuiet(account: Account, from: string): Promise<void> {
  const end = addSeconds(from, AT_MOST);
  while (account.clock.now() < end) {
    const open = await account.within(() => kb.incidents.listOpen());
    if (open.length === 0 && !account.isBusy) return;
    await account.run(STEP);
  }
}

async function judge(
  account: Account,
  n: number,
  { enteredAt, target }: Injected,
  confounder: string | undefined,
  from: string,
): Promise<Episode> {
  const truth = account.world.truth()[0]!;
  const all = await account.within(async () => {
    const recent = (await kb.incidents.listRecent(200)).filter(({ openedAt }) => openedAt >= from);
    return Promise.all(
      recent.map(async (incident) => ({
        incident,
        attempts: await kb.incidents.attempts(incident.incidentId),
        plan: await kb.incidents.plan(incident.incidentId),
      })),
    );
  });
  const main = all.find(({ incident }) => incident.resource === truth.resource) ?? all[0];
  const served = account.world.availability(enteredAt, addSeconds(enteredAt, WINDOW));
  return {
    n,
    fault: truth.name,
    variant: truth.variant,
    confounder,
    healable: truth.heals.length > 0,
    ending: main ? endingOf(main.incident) : 'none',
    healedBy: main?.incident.ending?.kind === 'recovered' ? main.incident.ending.action : undefined,
    attempts: main?.attempts.filter(({ mutations }) => mutations.length > 0).length ?? 0,
    wrong: wrongChanges(account, truth, all),
    lasted: truth.goneAt === undefined ? undefined : secondsBetween(enteredAt, truth.goneAt),
    availability: served[target]?.ratio ?? 1,
    firstRight: firstRight(truth, main?.plan, main?.attempts ?? []),
    diagnosed: main?.incident.diagnosis?.hypotheses[0]?.fault,
    incidents: all.length,
  };
}

const endingOf = ({ ending }: Incident): string =>
  ending === undefined
    ? 'open'
    : 'because' in ending
      ? `${ending.kind}: ${ending.because}`
      : ending.kind === 'recovered'
        ? `recovered by ${ending.by}`
        : ending.kind;

interface Looked {
  readonly incident: Incident;
  readonly attempts: readonly Attempt[];
}

/** Changes of Prunella on a resource that was not the cause, or after the cause was gone. */
function wrongChanges(account: Account, truth: Injected, all: readonly Looked[]): readonly string[] {
  const goneAt = truth.goneAt === undefined ? Infinity : Date.parse(truth.goneAt);
  const ours = account.world.changes().filter(({ incidentId }) => incidentId !== undefined);
  const undone = new Set(
    all.flatMap(({ attempts }) =>
      attempts.flatMap(({ mutations }) =>
        mutations.filter(({ state }) => state === 'undone').map(({ resource }) => resource),
      ),
    ),
  );
  const isCause = (resource: string) => resource === truth.resource || parametersOf(account, truth).includes(resource);
  return ours
    .filter(({ operation }) => operation !== 'RegisterTaskDefinition')
    .filter(({ resource, at }) => !isCause(resource) || (at > goneAt + seconds(60) * 1000 && !undone.has(resource)))
    .map(({ resource, operation }) => `${operation} ${resource.split(/[:/]/).at(-1)}`);
}

function parametersOf(account: Account, { target }: Injected): readonly string[] {
  if (!account.world.fleet.services.has(target)) return [];
  const { spec } = serviceNamed(account.world.fleet, target);
  return spec.parameters.map(({ name }) => account.world.fleet.names.parameter(name));
}

/** Did the first choice name an action that heals, on the right resource? */
function firstRight(
  { heals, resource }: Injected,
  plan: Plan | undefined,
  attempts: readonly Attempt[],
): boolean | undefined {
  const first = attempts[0]?.candidate ?? plan?.candidates[0];
  return first && heals.includes(first.action) && first.resource === resource;
}
