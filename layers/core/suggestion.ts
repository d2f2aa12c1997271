import * as z from 'zod';
import { Arn } from './arn.ts';
import { IncidentId } from './incident.ts';
import type { Change } from './inventory.ts';
import { Risk } from './mode.ts';
import { Mutation } from './mutation.ts';
import { byPeople, otherWriters } from './other-writer.ts';
import type { Attempt } from './plan.ts';
import { Fault } from './taxonomy.ts';
import { addSeconds, minutes, secondsBetween, type Instant, type Ratio, type Seconds } from './units.ts';
import { wilson } from './wilson.ts';

/** What mode suggest would have done, as Decide writes it into the audit trail (`saw.suggested`). */
export const Suggestion = z.object({
  incidentId: IncidentId,
  at: z.string(),
  resource: Arn,
  fault: Fault,
  action: z.string(),
  risk: Risk,
  mutations: z.array(Mutation),
  /** Whether it could have been undone, had it not helped; true also of what leaves nothing changed. */
  undo: z.boolean(),
  /** Share of capacity gone while it runs, and how long it may take to settle. */
  disruption: z.number(),
  settlesAtMost: z.number(),
});
export type Suggestion = z.infer<typeof Suggestion>;

/** What happened after a suggestion. */
export interface Aftermath {
  /** Of what it would have changed, since it was made. */
  readonly changes: readonly Change[];
  /** When the resource was well again; undefined while it is not. */
  readonly wellAt?: Instant | undefined;
  /** Attempts of later incidents on the resource. */
  readonly later: readonly Attempt[];
  readonly now: Instant;
}

export const FATES = ['right', 'wrong', 'other', 'not-needed', 'unclear', 'still-sick'] as const;
/**
 * `right`: someone made that very change (or Prunella did, later), and the resource got well in time. `wrong`: it was made
 * and did not help. `other`: another change came last before it got well. `not-needed`: it got well by itself as soon
 * as the action would have taken. `unclear`: it got well later, after nothing that is known. `still-sick`.
 */
export type Fate = (typeof FATES)[number];

/** An alarm says OK some minutes after its metric is good. */
const ALARM_FOLLOWS: Seconds = minutes(10);

/** Judges a suggestion by what happened next. Pure. */
export function judgeSuggestion(made: Suggestion, { changes, wellAt, later, now }: Aftermath): Fate {
  const intime = made.settlesAtMost + ALARM_FOLLOWS;
  const retried = later.find(({ candidate, mutations }) => candidate.action === made.action && mutations.length > 0);
  const outcome = retried?.outcome ?? retried?.judged;
  if (outcome === 'recovered') return 'right';
  if (outcome === 'unchanged' || outcome === 'worse') return 'wrong';

  const arns = [...new Set([made.resource, ...made.mutations.map(({ resource }) => resource)])];
  const ours = later.flatMap(({ mutations }) => mutations);
  const until = wellAt ?? now;
  const others = otherWriters(changes, arns, made.at, ours).filter(({ at }) => at <= until);
  const last = byPeople(others);
  const isSame = last !== undefined && made.mutations.some((mutation) => isSameChange(mutation, last));
  if (last && isSame && secondsBetween(last.at, until) > intime) return 'wrong';
  if (wellAt === undefined) return 'still-sick';
  if (last) return isSame ? 'right' : 'other';
  return secondsBetween(made.at, wellAt) <= intime ? 'not-needed' : 'unclear';
}

/**
 * Whether someone made the change that was suggested: the same revision, version or task; the same count or further in the
 * same direction. What was written into a parameter is never recorded, so that any write of it is taken as the same.
 */
export function isSameChange({ resource, field, was, becomes }: Mutation, { resource: on, kind, to }: Change): boolean {
  if (on !== resource) return false;
  if (kind === 'parameter-written') return field === 'value';
  if (to === undefined) return false;
  if (field === 'deployment') return becomes === `fresh tasks of ${to}`;
  if (kind === 'task-stopped-by-hand') return field === `task ${to}`;
  const counted = to.split(' ').find((word) => word.startsWith(`${field}=`));
  if (counted === undefined) return to === String(becomes);
  const [n, from, wanted] = [Number(counted.slice(field.length + 1)), Number(was), Number(becomes)];
  return wanted > from ? n >= wanted : n <= wanted;
}

export interface Judged extends Suggestion {
  readonly fate: Fate;
}

export interface SuggestionReport {
  readonly suggestions: number;
  readonly fates: Readonly<Record<Fate, number>>;
  /** Those of which it is known whether they would have been right: all but `unclear` and `still-sick`. */
  readonly judged: number;
  /** Right ones among the judged, with its 95 % interval. */
  readonly right: { readonly share: Ratio | undefined; readonly from: Ratio; readonly to: Ratio };
  readonly risks: Readonly<Partial<Record<Risk, number>>>;
  /** How many could have been undone. */
  readonly undoable: number;
  /** The largest share of capacity that any of them would have taken away for a time. */
  readonly worstDisruption: Ratio;
  readonly byAction: readonly {
    readonly action: string;
    readonly risk: Risk;
    readonly suggested: number;
    readonly fates: Readonly<Record<Fate, number>>;
  }[];
  readonly conclusion: string;
}

/** With fewer than so many judged, the interval is wider than half of all there is. */
export const ENOUGH = 10;
const DECIDED: readonly Fate[] = ['right', 'wrong', 'other', 'not-needed'];

/** How often mode suggest would have been right, and what it would have risked. Pure. */
export function reportOf(list: readonly Judged[]): SuggestionReport {
  const fates = countFates(list);
  const judged = DECIDED.reduce((sum, fate) => sum + fates[fate], 0);
  const share = judged > 0 ? fates.right / judged : undefined;
  const interval = wilson(fates.right, judged);
  const risks = Object.fromEntries(
    [...Map.groupBy(list, ({ risk }) => risk)].sort().map(([risk, group]) => [risk, group.length]),
  );
  const byAction = [...Map.groupBy(list, ({ action }) => action)].sort().map(([action, group]) => ({
    action,
    risk: group[0]?.risk ?? 'R2',
    suggested: group.length,
    fates: countFates(group),
  }));
  return {
    suggestions: list.length,
    fates,
    judged,
    right: { share, ...interval },
    risks,
    undoable: list.filter(({ undo }) => undo).length,
    worstDisruption: Math.max(0, ...list.map(({ disruption }) => disruption)),
    byAction,
    conclusion: conclude(fates, judged, interval),
  };
}

function countFates(list: readonly Judged[]): Record<Fate, number> {
  return Object.fromEntries(FATES.map((name) => [name, list.filter(({ fate }) => fate === name).length])) as Record<
    Fate,
    number
  >;
}

function conclude(fates: Record<Fate, number>, judged: number, { from, to }: { from: Ratio; to: Ratio }): string {
  const between = `${Math.round(from * 100)} to ${Math.round(to * 100)} %`;
  if (judged < ENOUGH)
    return `Too little data to tell: of ${judged} suggestions it is known whether they would have been right, ${ENOUGH} or more are needed (so far ${between}, 95 % interval).`;
  const wrong = fates.wrong === 0 ? 'none is known to have failed' : `${fates.wrong} are known to have failed`;
  if (from >= 0.5)
    return `In mode heal it would have been right more often than not (${between}, 95 % interval); ${wrong}.`;
  if (to < 0.5)
    return `In mode heal it would have been right less often than not (${between}, 95 % interval): stay in suggest; ${wrong}.`;
  return `It cannot be said yet whether mode heal would be right more often than not (${between}, 95 % interval); ${wrong}.`;
}

/** A suggestion is looked back on for so long: after it, whatever happened has other reasons. */
export const horizonOf = ({ at }: Suggestion): Instant => addSeconds(at, minutes(60 * 24));
