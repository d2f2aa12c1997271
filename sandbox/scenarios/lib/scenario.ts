import type { Ending } from '../../../layers/core/incident.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import type { Random } from '../../load/random.ts';
import type { CopySpec } from '../../shop/copy.ts';
import type { IncidentRecord } from './record.ts';
import type { Shop } from './shop.ts';
import type { ShopState } from './state.ts';

/** How one incident should go. What is left out may be anything. */
export interface ExpectedIncident {
  /** ARN of the faulty resource: the incident is about it, or acts on it. */
  readonly resource: string;
  /** The true fault; several where the taxonomy has more than one word for the truth. */
  readonly faults?: readonly Fault[];
  /** Several where it depends on which of several incidents comes first. */
  readonly ending: Ending['kind'] | readonly Ending['kind'][];
  readonly by?: 'action' | 'itself' | 'person';
  readonly because?: string;
  /** Actions that changed something, in their order. */
  readonly actions?: readonly string[];
  /** What may be tried before them, does not help, and is undone: the evidence alone does not tell. */
  readonly perhapsFirst?: string;
  /** What its audit trail must say. */
  readonly says?: readonly string[];
}

export interface Expected {
  /** In the order in which they open. Other incidents may open on what calls the faulty resource: they must touch nothing. */
  readonly incidents: readonly ExpectedIncident[];
  /** In how many incidents a person is told: those that end as escalated. */
  readonly told?: number;
  /** True when no incident at all may open. */
  readonly silence?: boolean;
}

/** What a scenario can do while it runs. */
export interface Stage {
  readonly shop: Shop;
  /** A line of progress under the scenario's name. */
  say(line: string): void;
  sleep(seconds: Seconds): Promise<void>;
  /** Resolves when the shop's incidents are so; rejects when the scenario's time is over. */
  when(what: string, test: (incidents: readonly IncidentRecord[]) => boolean): Promise<void>;
}

/** A shop as seen from outside after it is over. */
export interface OutsideView {
  /** The shop's name. */
  readonly copy: string;
  /** Its state just before the fault entered. */
  readonly before: ShopState;
  readonly after: ShopState;
  /** Share of customers' requests that succeeded since the fault entered; undefined when none came. */
  readonly served: number | undefined;
  /** What is not well: tasks, targets, deployments, what customers get. */
  readonly unwell: readonly string[];
}

/** One way a shop gets into trouble, and how that should end. */
export interface Scenario<Variation extends object = object> {
  /** Its file's name. */
  readonly name: string;
  /** One line for a person. */
  readonly summary: string;
  /** Played only when named, or with `--all`: with it the rest would not be over in twelve minutes on two cores. */
  readonly further?: boolean;
  /** Played only when named: among the faults of twenty shops what its incidents share may be chance, and is told of by each. */
  readonly alone?: boolean;
  /** Needs metrics to be looked at each minute: no alarm tells of its fault in time. */
  readonly watched?: boolean;
  /** From onset to the end, usually: the longest are begun first. */
  readonly usually: Seconds;
  /** Begun before all others: the first heal on the screen. */
  readonly opening?: boolean;
  /** The end of waiting, from onset. */
  readonly atMost: Seconds;
  /** What differs from seed to seed; plain data, shown at the start. */
  vary(random: Random): Variation;
  /** What the shop's owner chose. Default: mode heal, alarms of ten seconds everywhere. */
  owner?(variation: Variation): Partial<CopySpec>;
  expected(shop: Shop, variation: Variation): Expected;
  /** What happens before, e.g. an innocent deployment. */
  before?(stage: Stage, variation: Variation): Promise<void>;
  /** The fault enters as it would in life. Time is counted from here. */
  faultEnters(stage: Stage, variation: Variation): Promise<void>;
  /** What else happens afterwards, e.g. someone else changes the same service. The scenario does not end before it. */
  meanwhile?(stage: Stage, variation: Variation): Promise<void>;
  /** Judges what a customer or the owner sees from outside: what is not as it should be, [] when all is. */
  outsideCheck(view: OutsideView, variation: Variation): readonly string[];
}

/** Gives a scenario its types. The catalogue knows it by its file's name. */
export function defineScenario<Variation extends object>(scenario: Scenario<Variation>): Scenario {
  return scenario as unknown as Scenario;
}
