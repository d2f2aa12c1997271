import { shortName } from '../../layers/core/arn.ts';
import type { Incident } from '../../layers/core/incident.ts';
import { addSeconds, hours, minutes, secondsBetween, type Ratio, type Seconds } from '../../layers/core/units.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { pick, type Random } from '../../sandbox/load/random.ts';
import { confounders } from '../world/confounders.generated.ts';
import { faults } from '../world/faults.generated.ts';
import type { Injected } from '../world/world.ts';
import type { Account } from './account.ts';
import { firstChoice, type FirstChoice } from './first-choice.ts';
import { actsOf, lookAt, type Looked } from './judge.ts';

/** What one fault came to. */
export interface Episode {
  readonly n: number;
  readonly fault: string;
  readonly variant: string;
  readonly target: string;
  readonly confounder: string | undefined;
  readonly enteredAt: string;
  /** Whether any action heals it. */
  readonly healable: boolean;
  /** How its main incident ended (see `mainOf`); `none` when none opened. */
  readonly ending: string;
  /** Why it ended so. */
  readonly why: string | undefined;
  readonly healedBy: string | undefined;
  /** Attempts of the main incident that changed something. */
  readonly attempts: number;
  /** Changes on what was not the cause. */
  readonly elsewhere: readonly string[];
  /** Changes begun while nothing was wrong. */
  readonly inHealth: readonly string[];
  /** Changes of the cause by actions that cannot heal it. */
  readonly noHelp: readonly string[];
  /** From the fault's entry to its end; undefined when it outlasted the episode. */
  readonly lasted: Seconds | undefined;
  /** From the fault's entry to the first incident, and to Prunella's first change. */
  readonly detected: Seconds | undefined;
  readonly acted: Seconds | undefined;
  /** Of the requests of the ill service's customers, over `WINDOW` from the entry on; of all services for a function. */
  readonly availability: Ratio;
  readonly firstChoice: FirstChoice | undefined;
  /** What the first incident's diagnosis put first, and whether that is the truth. */
  readonly diagnosed: string | undefined;
  readonly isNamed: boolean;
  readonly incidents: number;
  /** How often a person was told that nothing more can be done. */
  readonly told: number;
}

/** What is usual before the fault; where nobody looks at it, only what runs needs to have started. */
const WARM_UP = minutes(12);
const STARTED = minutes(2);
export const HEAD_START: Seconds = WARM_UP - STARTED;
/** Customers are watched for so long, whatever happens. */
export const WINDOW = minutes(30);
/** An episode is over when all is quiet, or then. */
const AT_MOST = hours(3);
const STEP = minutes(1);
/** A confounder comes so often, and so long before the fault. */
const CONFOUNDED: Ratio = 0.3;
const BEFORE: Seconds = 90;

/** What an episode's fault and confounder are drawn from. */
export interface Drawn {
  readonly faults: readonly string[];
  readonly confounders: readonly string[];
}

export const ALL: Drawn = { faults: Object.keys(faults), confounders: Object.keys(confounders) };

/** One fault in a healthy account, from a quiet start to a quiet end; one that nobody heals begins later, so that it enters at the same time. */
export async function episode(account: Account, n: number, random: Random, drawn: Drawn): Promise<Episode> {
  await account.run(account.healing ? WARM_UP : STARTED);
  const from = account.clock.now();
  const name = pick(random, drawn.faults);
  const confounder = random() < CONFOUNDED ? pick(random, drawn.confounders) : undefined;
  if (confounder) {
    account.world.confound(confounder, pick(random, [...account.world.fleet.services.keys()]));
    await account.run(BEFORE);
  }
  const entered = account.world.inject(name);
  await account.run(WINDOW);
  await untilQuiet(account, from);
  return judge(account, n, entered, confounder, from);
}

/** Until no incident is open and no execution runs. */
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
  const all = await lookAt(account, from);
  const { first, main } = mainOf(truth, all);
  const acts = actsOf(account, truth, all);
  const told = (verdict: string) =>
    acts
      .filter((act) => act.verdict === verdict)
      .map(({ action, operation, resource }) => `${action}: ${operation} ${shortName(resource)}`);
  const ending = main?.incident.ending;
  return {
    n,
    fault: truth.name,
    variant: truth.variant,
    target,
    confounder,
    enteredAt,
    healable: truth.heals.length > 0,
    ending: main ? endingOf(main.incident) : 'none',
    why: ending && 'why' in ending ? ending.why : undefined,
    healedBy: ending?.kind === 'recovered' ? ending.action : undefined,
    attempts: main?.attempts.filter(({ mutations }) => mutations.length > 0).length ?? 0,
    elsewhere: told('elsewhere'),
    inHealth: told('in-health'),
    noHelp: told('no-help'),
    lasted: truth.goneAt === undefined ? undefined : secondsBetween(enteredAt, truth.goneAt),
    detected: all.length === 0 ? undefined : secondsBetween(enteredAt, all.map(openedAt).sort()[0]!),
    acted: acts[0] && acts[0].at - Date.parse(enteredAt) / 1000,
    availability: availabilityOf(account, target, enteredAt),
    firstChoice: first && (await account.within(() => firstChoice(truth, first.incident))),
    diagnosed: first?.incident.diagnosis?.hypotheses[0]?.fault,
    isNamed: first?.incident.diagnosis?.hypotheses[0]?.fault === truth.fault,
    incidents: all.length,
    told: account.told.filter(({ subject }) => NEEDS_A_PERSON.test(subject)).length,
  };
}

/** How the subject of such a message reads. */
const NEEDS_A_PERSON = /needs? a person/;

const openedAt = ({ incident }: Looked): string => incident.openedAt;

/**
 * The first incident on the cause, and the one by which the fault's ending is told: the first that an action healed, for
 * what comes later may be its echo; else the first. Of those on other resources only where the cause has none.
 */
function mainOf(truth: Injected, all: readonly Looked[]): { readonly first?: Looked; readonly main?: Looked } {
  const causes = [truth.resource, ...(truth.reaches ?? [])];
  const inOrder = all.toSorted((a, b) => (openedAt(a) < openedAt(b) ? -1 : 1));
  const ofCause = inOrder.filter(({ incident }) => causes.includes(incident.resource));
  const first = ofCause[0] ?? inOrder[0];
  const main = ofCause.find(({ incident }) => endingOf(incident) === HEALED) ?? first;
  return first && main ? { first, main } : {};
}

function availabilityOf({ world }: Account, target: string, from: string): Ratio {
  const served = world.availability(from, addSeconds(from, WINDOW));
  if (served[target]) return served[target].ratio;
  const [requests, failed] = Object.values(served).reduce(
    ([asked, lost], one) => [asked + one.requests, lost + one.failed],
    [0, 0],
  );
  return requests === 0 ? 1 : 1 - failed / requests;
}

/** As `endingOf` words it. */
export const HEALED = 'recovered by action';

export const endingOf = ({ ending }: Incident): string =>
  ending === undefined
    ? 'open'
    : 'because' in ending
      ? `${ending.kind}: ${ending.because}`
      : ending.kind === 'recovered'
        ? `recovered by ${ending.by}`
        : ending.kind;
