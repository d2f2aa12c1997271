import * as z from 'zod';
import type { Arn } from '../../core/arn.ts';
import type { Policy } from '../../core/policy.ts';
import { addSeconds } from '../../core/units.ts';
import type { Instant, Seconds } from '../../core/units.ts';
import { read, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put } from '../writes.ts';
import type { Key, Write } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';

const Entry = z.object({ at: z.string(), incidentId: z.string(), attempt: z.number().int(), action: z.string() });
type Entry = z.infer<typeof Entry>;

/** The attempts made on a resource. `version` counts the writes; only an attempt that begins ever writes. */
const Budget = z.object({ version: z.number().int(), entries: z.array(Entry) });
type Budget = z.infer<typeof Budget>;

/** What an action asks of a resource: rest after the last time, and AWS's own cap. */
export interface ActionLimits {
  readonly action: string;
  readonly cooldown: Seconds;
  readonly quota?: { readonly times: number; readonly per: Seconds } | undefined;
}

export interface BudgetState {
  /** Attempts within the window that ends now. */
  readonly attempts: number;
  /** When each action was last begun on the resource. */
  readonly lastAttempt: Readonly<Record<string, Instant>>;
}

const budgetKey = (arn: Arn): Key => ({ pk: `BUDGET#${arn}`, sk: 'BUDGET' });

const NONE: Budget = { version: 0, entries: [] };

export async function readBudget(arn: Arn): Promise<Budget> {
  return (await read(config().tables.control, budgetKey(arn), Budget)) ?? NONE;
}

/** How much of its attempt budget a resource has used. Recovery never resets it; only time does. */
export async function budget(arn: Arn, policy: Pick<Policy, 'budgetWindow'>, now: Instant): Promise<BudgetState> {
  const { entries } = await readBudget(arn);
  const lastAttempt: Record<string, Instant> = {};
  for (const { action, at } of entries) if (at > (lastAttempt[action] ?? '')) lastAttempt[action] = at;
  return { attempts: countSince(entries, addSeconds(now, -policy.budgetWindow)), lastAttempt };
}

/** The incident's own number of the attempt: the same one is counted once, however often it is begun. */
export interface Beginning extends ActionLimits {
  readonly incidentId: string;
  readonly attempt: number;
}

export type Verdict = { readonly why: 'budget' | 'cooldown'; readonly detail: string };

/** Why the attempt may not begin, or undefined when it may. */
export function refusal(
  arn: Arn,
  stored: Budget,
  wanted: Beginning,
  policy: Policy,
  now: Instant,
): Verdict | undefined {
  const others = stored.entries.filter((entry) => !isSame(entry, wanted));
  const inWindow = countSince(others, addSeconds(now, -policy.budgetWindow));
  if (inWindow >= policy.attemptBudget) {
    return {
      why: 'budget',
      detail: `${arn} had ${inWindow} attempts in ${policy.budgetWindow} s, ${policy.attemptBudget} are allowed`,
    };
  }
  const same = others.filter(({ action }) => action === wanted.action);
  const last = same
    .map(({ at }) => at)
    .sort()
    .at(-1);
  if (last && addSeconds(last, wanted.cooldown) > now) {
    return {
      why: 'cooldown',
      detail: `${wanted.action} was begun on ${arn} at ${last} and rests ${wanted.cooldown} s`,
    };
  }
  if (!wanted.quota) return undefined;
  const used = countSince(same, addSeconds(now, -wanted.quota.per));
  if (used < wanted.quota.times) return undefined;
  return {
    why: 'cooldown',
    detail: `${wanted.action} was begun on ${arn} ${used} times in ${wanted.quota.per} s, ${wanted.quota.times} are allowed`,
  };
}

/** Counts the attempt, if the budget is still the one that was judged. */
export function spend(arn: Arn, stored: Budget, wanted: Beginning, policy: Policy, now: Instant): Write {
  const { incidentId, attempt, action } = wanted;
  const keepFrom = addSeconds(
    now,
    -Math.max(policy.budgetWindow, wanted.cooldown, wanted.quota?.per ?? 0, LONGEST_MEMORY),
  );
  const known = stored.entries.filter((entry) => entry.at >= keepFrom);
  const entries = known.some((entry) => isSame(entry, wanted))
    ? known
    : [...known, { at: now, incidentId, attempt, action }];
  const seen = { when: '#version = :seen', values: { seen: stored.version } };
  return put(
    `budget of ${arn}`,
    config().tables.control,
    { ...budgetKey(arn), version: stored.version + 1, entries, ttl: ttl(now, KEEP_DAYS.control) },
    stored.version === 0 ? ABSENT : seen,
  );
}

/** Other actions' cooldowns and quotas are judged from the same list: a week covers what AWS caps. */
const LONGEST_MEMORY: Seconds = 7 * 86_400;

const isSame = (entry: Entry, wanted: Beginning): boolean =>
  entry.incidentId === wanted.incidentId && entry.attempt === wanted.attempt && entry.action === wanted.action;

const countSince = (entries: readonly Entry[], from: Instant): number => entries.filter(({ at }) => at > from).length;
