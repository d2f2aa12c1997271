import type * as z from 'zod';
import type { Arn, ResourceType } from './arn.ts';
import type { Aws } from './aws.ts';
import type { Hypothesis } from './diagnosis.ts';
import type { Evidence } from './evidence.ts';
import type { Resource } from './inventory.ts';
import type { Risk } from './mode.ts';
import type { Mutation } from './mutation.ts';
import type { Posterior } from './posterior.ts';
import type { Fault } from './taxonomy.ts';
import type { Instant, Ratio, Seconds } from './units.ts';

/** What a plan is made from: one hypothesis and the evidence behind it. */
export interface Situation {
  readonly hypothesis: Hypothesis;
  /** The inventory record of the hypothesis' resource. */
  readonly resource: Resource;
  readonly evidence: Evidence;
}

/** A right an action needs. `on` are ARNs; `'*'` only where AWS has no resource type for the call. */
export interface Grant {
  readonly actions: readonly string[];
  readonly on: readonly string[];
  /** True where AWS supports `aws:ResourceTag` for these actions: the role then demands the mode tag. */
  readonly tagged?: boolean;
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Heals {
  readonly resource: ResourceType;
  readonly faults: readonly Fault[];
  /** Belief before any outcome was seen. Default Beta(1, 1). */
  readonly prior?: Posterior;
}

/** Which attempt of which incident is acting. */
export interface AttemptId {
  readonly incidentId: string;
  readonly attempt: number;
}

/** What happens to a change after it healed. */
export type Afterwards<Params> =
  /** Stays; the owner is told the permanent change to make. */
  | { readonly kind: 'keep'; readonly advice: (params: Params) => string }
  /** Nothing to keep or revert (a restart). */
  | { readonly kind: 'nothing' }
  /** A watchdog undoes it when `due`, and `atLatest` seconds after it was made in any case. */
  | {
      readonly kind: 'revert';
      readonly due: (params: Params, aws: Aws, now: Instant) => Promise<boolean>;
      readonly atLatest: Seconds;
    };

export type Settled = 'yes' | 'not-yet' | 'failed';
/** `left-alone`: the value is no longer the one we wrote, so someone else changed it since. */
export type Undone = 'undone' | 'left-alone';

/** One way to bring a resource back to health: one file in functions/recover/actions, exported as `action`. */
export interface Action<Params = unknown> {
  /** Its file name, e.g. `restart-service`. */
  readonly name: string;
  readonly summary: string;
  readonly heals: readonly Heals[];
  readonly risk: Risk;
  readonly params: z.ZodType<Params>;
  /** True when acting destroys what a person would look at afterwards (memory, local files). */
  readonly destroysEvidence: boolean;
  /** Seconds from the last mutation until its effect can be judged. */
  readonly settles: { readonly typical: Seconds; readonly atMost: Seconds };
  /** Rest before the same action on the same resource. */
  readonly cooldown: Seconds;
  /** AWS's own cap, e.g. 4 per 24 hours. */
  readonly quota?: { readonly times: number; readonly per: Seconds };
  /** Share of capacity gone while it runs, 0 to 1: how bad it is if wrong. */
  readonly disruption: Ratio;
  readonly afterwards: Afterwards<Params>;

  /** Pure. Parameters for this situation, or why the action does not fit it. */
  propose(situation: Situation): Params | { readonly unfit: string };
  /** Every ARN changed: all are leased. */
  touches(params: Params): readonly Arn[];
  writes(params: Params): readonly Grant[];
  /** Reads only: [] when it may run, else the reasons why not. */
  preconditions(params: Params, aws: Aws): Promise<readonly string[]>;
  /** Reads only: the exact mutations, in the order they will be made. Stored before any call. */
  intend(params: Params, aws: Aws): Promise<readonly Mutation[]>;
  /** Makes one mutation; looks first whether it already holds. Refuses (throws `ChangedMeanwhile`) when the value is neither `was` nor `becomes`. */
  apply(mutation: Mutation, aws: Aws, id: AttemptId, params: Params): Promise<void>;
  settled(params: Params, aws: Aws, applied: readonly Mutation[]): Promise<Settled>;
  /** Restores `was` only where the value is still `becomes`. Absent: there is no inverse. */
  undo?(mutation: Mutation, aws: Aws, id: AttemptId, params: Params): Promise<Undone>;
}

/** Gives a plug-in its type; the name is its file name. */
export function defineAction<Params>(action: Action<Params>): Action<Params> {
  return action;
}

/** Thrown by `apply` when someone else changed the target since the intent was stored. */
export class ChangedMeanwhile extends Error {
  constructor(mutation: Mutation, found: unknown) {
    super(
      `${mutation.field} of ${mutation.resource} was ${String(mutation.was)} when the intent was stored, ` +
        `should become ${String(mutation.becomes)}, and is now ${String(found)}: someone else changed it`,
    );
    this.name = 'ChangedMeanwhile';
  }
}
