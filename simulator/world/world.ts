import { createHash } from 'node:crypto';
import { AWS_SERVICES, type Aws, type AwsClient } from '../../layers/core/aws.ts';
import { epoch } from '../../layers/core/points.ts';
import type { Fault } from '../../layers/core/taxonomy.ts';
import type { Instant, Ratio } from '../../layers/core/units.ts';
import type { Call, Session } from '../../layers/runtime/runtime.ts';
import { pick, randomFor, type Random } from '../../sandbox/load/random.ts';
import { Alarms } from './alarms.ts';
import { answerCall, copyOf, principalOf } from './answer.ts';
import { Ledger, type Availability } from './availability.ts';
import { confounders } from './confounders.generated.ts';
import type { Confounder, Entered, FaultPlugin, Stage, Truth } from './fault.ts';
import { faults } from './faults.generated.ts';
import type { Changed, Fleet } from './model/fleet.ts';
import { makeFleet } from './model/make.ts';
import type { WorldEvent } from './model/news.ts';
import { NOBODY, peopleWork, type PeopleSpec } from './model/people.ts';
import { step } from './model/step.ts';
import { KEPT_LATELY, LOCAL_DELAYS, TICK, type Delays, type FleetSpec, type Kept } from './spec.ts';

export interface WorldOptions extends FleetSpec {
  readonly seed: number;
  readonly start: Instant;
  readonly delays?: Delays;
  readonly kept?: Kept;
  readonly people?: PeopleSpec;
  /** By which each service has the variants of faults that are its own (`habitual`); default the seed. */
  readonly habits?: number;
  /** False: nobody listens to the alarms, so that they need not be evaluated. Default true. */
  readonly listening?: boolean;
}

/** So often a service has the variant of a habitual fault that is its own. */
const ITS_OWN: Ratio = 0.9;

/** A fault that entered, and how it ended. */
export interface Injected extends Truth {
  readonly name: string;
  readonly target: string;
  readonly enteredAt: Instant;
  readonly present: boolean;
  /** What it may as well be called now; see `Entered`. */
  readonly looksLike: readonly Fault[];
  /** When nobody was ill of it any more, for good as far as is known. */
  readonly goneAt?: Instant;
  /** From when to when the cause was there: what is undone may bring it back. */
  readonly spells: readonly { readonly from: Instant; readonly until?: Instant }[];
}

interface Present extends Entered {
  readonly name: string;
  readonly target: string;
  readonly enteredAt: number;
  readonly spells: { readonly from: number; until?: number }[];
  /** Since when nobody is ill of it. */
  goneAt?: number;
}

/** The modelled account in virtual time. */
export class World {
  readonly fleet: Fleet;
  readonly alarms: Alarms;
  readonly #ledger = new Ledger();
  readonly #chance: Random;
  readonly #peopleChance: Random;
  readonly #people: PeopleSpec;
  readonly #listening: boolean;
  readonly #habits: number;
  readonly #entered: Present[] = [];
  #later: { readonly at: number; readonly run: () => void }[] = [];

  /** @param options `start` is taken down to the full ten seconds, the step of the model */
  constructor({
    seed,
    start,
    delays = LOCAL_DELAYS,
    kept = KEPT_LATELY,
    people = NOBODY,
    listening = true,
    habits = seed,
    ...spec
  }: WorldOptions) {
    this.fleet = makeFleet(spec, seed, Math.floor(epoch(start) / TICK) * TICK * 1000, delays, kept);
    this.alarms = new Alarms(this.fleet);
    this.#people = people;
    this.#listening = listening;
    this.#habits = habits;
    this.#chance = randomFor(seed, 'faults');
    this.#peopleChance = randomFor(seed, 'people');
  }

  /** Where the model stands: the last full ten seconds it was stepped to. */
  get now(): Instant {
    return new Date(this.fleet.now).toISOString();
  }

  /** Steps the model up to `now`, and answers what EventBridge delivers by then, in order. */
  tick(now: Instant): WorldEvent[] {
    const until = Date.parse(now);
    const events: WorldEvent[] = [];
    while (this.fleet.now + TICK * 1000 <= until) {
      step(this.fleet);
      this.#runLater();
      peopleWork(this.fleet, this.#people, this.#peopleChance);
      this.#ledger.record(this.fleet);
      if (this.#listening) this.alarms.evaluate();
      this.#lookAtFaults();
      events.push(...this.fleet.news.take(this.fleet.now));
    }
    return events;
  }

  /**
   * Answers one AWS call, as the account is at `now`.
   * @throws Error with AWS's error name, or a loud one for an operation that is not modelled
   */
  answer(call: Call, now: Instant): object {
    const by = principalOf(call, this.fleet.names.account);
    const stepped = this.fleet.now;
    // A write between two steps is dated when it was made; what follows from it begins with the next step.
    this.fleet.now = Math.max(stepped, Date.parse(now));
    try {
      return copyOf(answerCall(call, { fleet: this.fleet, alarms: this.alarms }, by)); // nobody reaches into the model
    } finally {
      this.fleet.now = stepped;
    }
  }

  /** Clients that are answered by this world, for code that is handed its clients. */
  aws(now: () => Instant = () => this.now, session?: Session): Aws {
    const client = (service: (typeof AWS_SERVICES)[number]): AwsClient => ({
      send: (command) =>
        new Promise((resolve) => {
          const call = { service, command, ...(session ? { session } : {}) };
          resolve(this.answer(call, now()) as never);
        }),
    });
    return Object.fromEntries(AWS_SERVICES.map((service) => [service, client(service)])) as unknown as Aws;
  }

  /**
   * Lets a fault enter.
   * @param target a service or function by name; else one that can have it is drawn
   * @throws Error when there is no such fault or variant, or the target cannot have it
   */
  inject(name: string, target?: string, variant?: string): Injected {
    const plugin = (faults as Readonly<Record<string, FaultPlugin>>)[name];
    if (!plugin) throw new Error(`supply a fault (${Object.keys(faults).join(', ')}), got ${name}`);
    const fitting = plugin.targets(this.fleet);
    const chosen = target ?? pick(this.#chance, fitting);
    if (!fitting.includes(chosen))
      throw new Error(`${name} can enter at ${fitting.join(', ') || 'nothing'}, got ${chosen}`);
    const which = variant ?? this.#variantOf(plugin, chosen);
    if (!plugin.variants.includes(which)) throw new Error(`${name} is ${plugin.variants.join(' or ')}, got ${which}`);
    const entered = plugin.enter(this.#stage, chosen, which, this.#chance);
    this.#entered.push({
      ...entered,
      variant: which,
      name,
      target: chosen,
      enteredAt: this.fleet.now,
      spells: [{ from: this.fleet.now }],
    });
    return this.truth().at(-1)!;
  }

  /** Lets something innocent happen. @throws Error when there is no such confounder */
  confound(name: string, target: string): void {
    const plugin = (confounders as Readonly<Record<string, Confounder>>)[name];
    if (!plugin) throw new Error(`supply a confounder (${Object.keys(confounders).join(', ')}), got ${name}`);
    plugin.enter(this.#stage, target, this.#chance);
  }

  #variantOf({ name, variants, habitual = false }: FaultPlugin, target: string): string {
    const drawn = pick(this.#chance, variants);
    const isItsOwn = this.#chance() < ITS_OWN;
    return habitual && isItsOwn ? pick(randomFor(this.#habits, `${name} of ${target}`), variants) : drawn;
  }

  /** Every fault that ever entered, in order. */
  truth(): Injected[] {
    const at = (time: number): Instant => new Date(time).toISOString();
    return this.#entered.map(({ present, felt: _, looksLike = () => [], enteredAt, spells, goneAt, ...rest }) => {
      return {
        ...rest,
        enteredAt: at(enteredAt),
        present: present(),
        looksLike: looksLike(),
        ...(goneAt === undefined ? {} : { goneAt: at(goneAt) }),
        spells: spells.map(({ from, until }) => ({
          from: at(from),
          ...(until === undefined ? {} : { until: at(until) }),
        })),
      };
    });
  }

  /** By service, as its customers had it. */
  availability(from: Instant, to: Instant): Record<string, Availability> {
    return this.#ledger.between(Date.parse(from), Date.parse(to));
  }

  /** Who changed what, oldest first: Prunella's changes carry their incident. */
  changes(): readonly Changed[] {
    return this.fleet.history;
  }

  /** Who changed a resource although no fault was present. */
  changesInHealth(): Changed[] {
    const sick = (at: number) =>
      this.#entered.some(({ spells }) => spells.some(({ from, until = Infinity }) => from <= at && at <= until));
    return this.changes().filter(({ at }) => !sick(at));
  }

  /** A hash of everything that is: the same seed and the same calls give the same. */
  dump(): string {
    const {
      spec: _spec,
      random: _random,
      logs,
      news: _news,
      metrics,
      names: _names,
      order: _order,
      ...state
    } = this.fleet;
    const alarms = this.alarms.all.map(({ name, state: { value, at } }) => [name, value, at]);
    const published = metrics
      .list()
      .map((id) => [id.metricName, id.lastTime, metrics.read(id, undefined, this.#lastHour(), false)]);
    const text = JSON.stringify([state, [...logs.groups], alarms, published, this.truth()], (_, value: unknown) =>
      value instanceof Map ? [...(value as Map<unknown, unknown>)] : value,
    );
    return createHash('sha256').update(text).digest('hex');
  }

  #lookAtFaults(): void {
    const { now } = this.fleet;
    for (const one of this.#entered) {
      const { spells, present, felt = present } = one;
      const isOver = spells.at(-1)?.until !== undefined;
      if (isOver && present()) spells.push({ from: now });
      else if (!isOver && !present()) spells.at(-1)!.until = now;
      if (felt()) delete one.goneAt;
      else one.goneAt ??= now;
    }
  }

  #lastHour() {
    return { start: this.fleet.now / 1000 - 3600, period: 60, length: 60 };
  }

  get #stage(): Stage {
    return {
      fleet: this.fleet,
      later: (after, run) => this.#later.push({ at: this.fleet.now + after * 1000, run }),
    };
  }

  #runLater(): void {
    const due = this.#later.filter(({ at }) => at <= this.fleet.now);
    if (due.length === 0) return;
    this.#later = this.#later.filter(({ at }) => at > this.fleet.now);
    for (const { run } of due) run();
  }
}
