import type { Mutation } from '../../../layers/core/mutation.ts';
import type { Attempt } from '../../../layers/core/plan.ts';
import { addSeconds, hours, minutes, seconds, type Instant } from '../../../layers/core/units.ts';
import { operationOf } from '../../../layers/runtime/calls.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account, type AccountOptions, type Passing } from '../account.ts';
import { endingOf } from '../episode.ts';
import { ADDS_ONLY, Invariants, type Violation } from '../invariants.ts';
import { lookAt, type Looked } from '../judge.ts';
import type { World } from '../../world/world.ts';
import type { CleanIncident } from './incidents.ts';

/** A call of ours on its way, and where it stands among those since the fault entered. */
export interface Crossing extends Passing {
  readonly account: Account;
  /** `Verify dynamodb.GetItem`: the state (else the function) that calls, and what. */
  readonly pair: string;
  /** The how-manieth call of this pair, from 1. */
  readonly nth: number;
  /** Whether it changes something that is healed. */
  readonly mutates: boolean;
  readonly invariants: Invariants;
}

/** What stands in the way of calls, from the fault's entry on. Undefined: the call passes. */
export type Interference = (crossing: Crossing) => Promise<unknown> | undefined;

/** What one incident, disturbed or not, came to. */
export interface Trial {
  readonly incident: string;
  /** Calls by pair, since the fault entered. */
  readonly pairs: ReadonlyMap<string, number>;
  /** Pairs that change what is healed. */
  readonly mutating: ReadonlySet<string>;
  readonly all: readonly Looked[];
  /** How its incidents ended, sorted and joined; `none` when none opened. */
  readonly ending: string;
  readonly violations: readonly Violation[];
  readonly account: Account;
  readonly entered: Instant;
}

export const START = '2026-03-02T08:00:00.000Z';
const WARM_UP = minutes(8);
/** Long enough for the events, the alarms and the reconcile after them to have done their work. */
const AT_LEAST = minutes(12);
const AT_MOST = hours(5);
const STEP = seconds(30);

export type TrialOptions = Pick<AccountOptions, 'skew' | 'travel' | 'policy'> & {
  readonly seed?: number;
  readonly interfere?: Interference;
  /** Called when the incident has just entered. */
  readonly onEntry?: (account: Account) => void;
};

/** Lets one incident happen in a healthy account, from its entry until all is quiet, and judges it. */
export async function trial(incident: CleanIncident, options: TrialOptions = {}): Promise<Trial> {
  const { interfere, onEntry, seed = 1, ...others } = options;
  const recorder = new Recorder(incident, interfere);
  const account = await Account.open({
    ...others,
    seed,
    start: START,
    fleet: incident.fleet,
    between: (passing, account) => recorder.pass(passing, account),
  });
  recorder.invariants = new Invariants(account);
  await account.run(WARM_UP);
  const entered = account.clock.now();
  recorder.begin();
  incident.enter(account.world);
  if (incident.approves) account.watch(operator(account));
  onEntry?.(account);
  await untilQuiet(account, addSeconds(entered, incident.atLeast ?? AT_LEAST), addSeconds(entered, AT_MOST));
  await recorder.invariants.atRest();
  if (account.machine.names.length === 0) recorder.invariants.broken('nothing is lost', 'no incident opened');
  const judged = await judge(account);
  for (const { attempts } of judged.all) compareWithWorld(attempts, account.world, recorder.invariants);
  return { ...judged, ...recorder.seen, incident: incident.name, entered, account };
}

/** Sees every call of ours since the fault entered, and hands it to the interference. */
class Recorder {
  invariants: Invariants | undefined;
  readonly #incident: CleanIncident;
  readonly #interfere: Interference | undefined;
  readonly #pairs = new Map<string, number>();
  readonly #mutating = new Set<string>();
  #begun = false;
  #changed = false;

  constructor(incident: CleanIncident, interfere: Interference | undefined) {
    this.#incident = incident;
    this.#interfere = interfere;
  }

  get seen() {
    return { pairs: this.#pairs, mutating: this.#mutating, violations: this.invariants?.violations ?? [] };
  }

  begin(): void {
    this.#begun = true;
  }

  async pass(passing: Passing, account: Account): Promise<unknown> {
    if (!this.#begun || !this.invariants) return passing.answer();
    const { invariants } = this;
    const pair = pairOf(passing, account);
    const nth = (this.#pairs.get(pair) ?? 0) + 1;
    this.#pairs.set(pair, nth);
    const mutates = isMutating(passing);
    if (mutates) this.#mutating.add(pair);
    const answer = async () => {
      const answered = await passing.answer();
      if (mutates) await this.#look(account, invariants);
      return answered;
    };
    const crossing: Crossing = { ...passing, answer, account, pair, nth, mutates, invariants };
    return this.#interfere?.(crossing) ?? answer();
  }

  async #look(account: Account, invariants: Invariants): Promise<void> {
    await invariants.look();
    if (this.#changed || !account.world.changes().some(isOurChange)) return;
    this.#changed = true;
    this.#incident.onChange?.(account.world);
  }
}

const isOurChange = ({ incidentId, operation }: { incidentId?: string; operation: string }): boolean =>
  incidentId !== undefined && !ADDS_ONLY.includes(operation);

const READS = /^(Get|Describe|List|BatchGet|Query|Scan|Filter)/;
const OUR_OWN = ['tables', 'states', 'topics', 'credentials'];

const isMutating = ({ call }: Passing): boolean =>
  !OUR_OWN.includes(call.service) && !READS.test(operationOf(call.command));

function pairOf({ call, from }: Passing, account: Account): string {
  return `${stateOf(from, account)} ${call.service}.${operationOf(call.command)}`;
}

/** One function may serve two states: its execution's history says which. */
function stateOf({ functionName, payload }: Passing['from'], { machine }: Account): string {
  const { incidentId = '' } = (payload ?? {}) as { incidentId?: string };
  if (functionName !== 'Verify' || !machine.names.includes(incidentId)) return functionName;
  return machine.history(incidentId).findLast(({ type }) => type === 'TaskStateEntered')?.state ?? functionName;
}

/** Says yes to whatever is asked, a while later; and again, when it could not be said. */
function operator(account: Account): () => void {
  let read = 0;
  const answer = async (incidentId: string, tries: number): Promise<void> => {
    const said = { incidentId, approve: true, approver: 'a person' };
    const heard = await account.invoke('ApprovalAnswer', said).then(
      () => true,
      () => false,
    );
    if (!heard && tries > 1) account.clock.after(minutes(1), () => answer(incidentId, tries - 1));
  };
  return () => {
    for (const { message } of account.told.slice(read)) {
      const asked = /npx prunella approve (\w+)/.exec(message)?.[1];
      if (asked) account.clock.after(seconds(20), () => answer(asked, 3));
    }
    read = account.told.length;
  };
}

/** Until no incident is open, nothing runs and no lease is held: not before `atLeast`, and not after `atMost`. */
async function untilQuiet(account: Account, atLeast: Instant, atMost: Instant): Promise<void> {
  await account.clock.run(atLeast);
  while (account.clock.now() < atMost) {
    const [open, leases] = await account.within(() => Promise.all([kb.incidents.listOpen(), kb.control.leases()]));
    if (open.length === 0 && leases.length === 0 && !account.isBusy) return;
    await account.run(STEP);
  }
}

async function judge(account: Account): Promise<Pick<Trial, 'all' | 'ending'>> {
  const all = await lookAt(account);
  const endings = all.map(({ incident }) => endingOf(incident)).sort();
  return { all, ending: endings.join(' + ') || 'none' };
}

/** What the record says was undone is as it was, in the account itself. */
function compareWithWorld(attempts: readonly Attempt[], world: World, invariants: Invariants): void {
  const mutations = attempts.flatMap((attempt) => attempt.mutations);
  for (const mutation of mutations.filter(({ state }) => state === 'undone')) {
    const now = valueIn(world, mutation);
    if (now !== undefined && now !== mutation.was)
      invariants.broken('what is recorded as undone is undone', `${mutation.field} is ${now}, it was ${mutation.was}`);
  }
}

/** A field as the account has it now, in the words of its mutation; undefined for what has no value. */
function valueIn({ fleet }: World, { resource, field }: Mutation): unknown {
  const service = [...fleet.services.values()].find(({ arn }) => arn === resource);
  if (service && field === 'taskDefinition') return service.definition;
  if (service && field === 'desiredCount') return service.desired;
  if (service && field === 'minCapacity') return service.scalable?.min;
  const alias = [...fleet.functions.values()].find(({ spec }) => fleet.names.alias(spec.name, spec.alias) === resource);
  if (alias) return alias.alias.version;
  const parameter = [...fleet.parameters.values()].find(({ arn }) => arn === resource);
  const last = parameter?.versions.at(-1);
  return last && `value of version ${parameter?.versions.find(({ value }) => value === last.value)?.version}`;
}
