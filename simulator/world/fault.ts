import type { Arn } from '../../layers/core/arn.ts';
import type { Fault } from '../../layers/core/taxonomy.ts';
import type { Seconds } from '../../layers/core/units.ts';
import type { Random } from '../../sandbox/load/random.ts';
import type { Fleet } from './model/fleet.ts';

/** What a fault or confounder may use of the world. */
export interface Stage {
  readonly fleet: Fleet;
  /** Runs something later, in virtual time. */
  later(after: Seconds, run: () => void): void;
}

/** What is true of a fault that has entered, whether or not anybody sees it. */
export interface Truth {
  /** Where the cause is. */
  readonly resource: Arn;
  readonly fault: Fault;
  /** Resources that suffer from it without being its cause. */
  readonly suffer: readonly Arn[];
  /** Resources that it may make ill in their own right, once more comes through to them: the same actions heal them. */
  readonly reaches?: readonly Arn[];
  /** Names of the actions that heal it when applied to `resource`; empty: only a person can, or time. */
  readonly heals: readonly string[];
  /** It is over by itself after this long. */
  readonly passes?: Seconds;
  /** Which variant of the fault it is. */
  readonly variant: string;
}

export interface Entered extends Truth {
  /** Whether the cause is still there. Symptoms end a little later. */
  present(): boolean;
  /** Whether anybody is ill of it, where that may end before the cause does; default as long as the cause is there. */
  felt?(): boolean;
  /** What it may as well be called as long as nobody can know what it is, the likeliest first; default nothing. */
  looksLike?(): readonly Fault[];
}

/** One way for a resource to fall ill: one file in simulator/world/faults, exported as `fault`. */
export interface FaultPlugin<Variant extends string = string> {
  /** Its file name. */
  readonly name: string;
  readonly fault: Fault;
  readonly summary: string;
  /** Its variants; one is drawn where none is asked for. */
  readonly variants: readonly Variant[];
  /** A service that has it nearly always has the same variant: which one is drawn with the fleet, for each service. */
  readonly habitual?: boolean;
  /** Services and functions of the fleet that can have it, by name. */
  targets(fleet: Fleet): readonly string[];
  enter(stage: Stage, target: string, variant: Variant, random: Random): Omit<Entered, 'variant'>;
}

/** Gives a plug-in its type; the name is its file name. */
export function defineFault<const Variant extends string>(fault: FaultPlugin<Variant>): FaultPlugin {
  return fault as unknown as FaultPlugin;
}

/** Something innocent that makes a diagnosis harder: one file in simulator/world/confounders, exported as `confounder`. */
export interface Confounder {
  readonly name: string;
  readonly summary: string;
  enter(stage: Stage, target: string, random: Random): void;
}

export const defineConfounder = (confounder: Confounder): Confounder => confounder;
