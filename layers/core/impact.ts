import * as z from 'zod';
import { Arn, shortName } from './arn.ts';
import { Severity } from './taxonomy.ts';
import { percent, type Ratio, type Seconds } from './units.ts';

/** What is promised where the tag `prunella:objective` says nothing: 99.9 % of requests, over `BUDGET_WINDOW`. */
export const DEFAULT_OBJECTIVE: Ratio = 0.999;
/** The window of an error budget, in seconds: 30 days. */
export const BUDGET_WINDOW: Seconds = 30 * 86_400;

/** How soon a person should look, 1 first. */
export const Priority = z.enum(['P1', 'P2', 'P3', 'P4']);
export type Priority = z.infer<typeof Priority>;

/** An error budget over 30 days, as far as this incident burned it. */
export const Budget = z.object({
  /** Share of good requests that is promised, e.g. 0.999. */
  objective: z.number(),
  /** Share of the budget of 30 days that went since the onset; above 1 it is overdrawn. */
  burned: z.number().nonnegative(),
  /** How many times as fast as would use it up in just 30 days. */
  rate: z.number().nonnegative(),
  /** Failed requests counted, or, where none are counted, whole periods that were bad. */
  by: z.enum(['requests', 'periods']),
});
export type Budget = z.infer<typeof Budget>;

/** A resource that the incident reaches: the one it is on, or something that calls it. */
export const Affected = z.object({
  resource: Arn,
  /** Calls between it and the incident's resource: 0 is that one itself. */
  hops: z.number().int().nonnegative(),
  /** Bad by its own metrics since the onset, or with an open incident of its own. */
  inTrouble: z.boolean(),
  /** Since the onset; absent where its metrics do not count them. */
  requests: z.number().nonnegative().optional(),
  failed: z.number().nonnegative().optional(),
  budget: Budget.optional(),
});
export type Affected = z.infer<typeof Affected>;

/** Who is affected by an incident, how much of what is promised it cost, and how soon a person should look. */
export const Impact = z.object({
  /** The incident's resource first, then its callers, the nearest first; of incidents that share a cause, those of all. */
  affected: z.array(Affected),
  /** Share of the requests that failed since the onset where requests come in: at callers that nothing calls. */
  failedShare: z.number().min(0).max(1).optional(),
  /** Where that was counted. */
  entries: z.array(Arn),
  severity: Severity,
  priority: Priority,
  /** Why the severity and the priority are what they are. */
  because: z.array(z.string()),
});
export type Impact = z.infer<typeof Impact>;

/**
 * The impact of incidents that share a cause, as one: whoever any of them reaches, the worst severity and the most urgent priority.
 * @param first the incident that tells of them
 */
export function impactTogether(first: Impact, others: readonly Impact[]): Impact {
  if (others.length === 0) return first;
  const all = [first, ...others];
  const affected = new Map<Arn, Affected>();
  for (const one of all.flatMap((impact) => impact.affected)) {
    const known = affected.get(one.resource);
    const inTrouble = one.inTrouble || (known?.inTrouble ?? false);
    affected.set(one.resource, { ...one, ...known, inTrouble, hops: Math.min(one.hops, known?.hops ?? one.hops) });
  }
  const entries = [...new Set(all.flatMap((impact) => impact.entries))];
  const counted = entries.flatMap((arn) => affected.get(arn) ?? []);
  const total = (of: 'requests' | 'failed') => counted.reduce((sum, one) => sum + (one[of] ?? 0), 0);
  const severity = Severity.options.find((level) => all.some((impact) => impact.severity === level)) ?? first.severity;
  const priority = Priority.options.find((level) => all.some((impact) => impact.priority === level)) ?? first.priority;
  return {
    affected: [...affected.values()],
    ...(total('requests') > 0 ? { failedShare: Math.min(1, total('failed') / total('requests')) } : {}),
    entries,
    severity,
    priority,
    because: [...first.because, `The worst of ${all.length} incidents that share a cause.`],
  };
}

/** Resources that the trail names: an entry of it is short, however many call. */
const BRIEF = 10;

/** The same for the audit trail, with the nearest of those affected. */
export const briefly = (impact: Impact): Impact => ({
  ...impact,
  affected: impact.affected.slice(0, BRIEF),
  entries: impact.entries.slice(0, BRIEF),
});

/** Plain sentences for a person. */
export function impactLines({ affected, failedShare, entries, severity, priority, because }: Impact): string[] {
  const [own, ...others] = affected;
  const alike = others.filter(({ hops }) => hops === 0);
  const callers = others.filter(({ hops }) => hops > 0);
  const ill = callers.filter(({ inTrouble }) => inTrouble);
  const well = callers.filter(({ inTrouble }) => !inTrouble);
  const share =
    failedShare === undefined
      ? []
      : [
          `${percent(failedShare)} of the requests failed since the onset where they come in (${names(entries.map((resource) => ({ resource })))}).`,
        ];
  return [
    `Priority ${priority}, severity ${severity}: ${because.join(' ')}`,
    ...share,
    ...[own, ...alike, ...ill].flatMap((one) => (one?.budget ? [budgetLine(one.resource, one.budget)] : [])),
    ...(alike.length > 0 ? [`In trouble by the same cause: ${names(alike)}.`] : []),
    ...(ill.length > 0 ? [`Callers in trouble with it: ${names(ill)}.`] : []),
    ...(well.length > 0 ? [`Callers that are well so far: ${names(well)}.`] : []),
  ];
}

const NAMED = 5;

function names(list: readonly Pick<Affected, 'resource'>[]): string {
  const named = list.slice(0, NAMED).map(({ resource }) => shortName(resource));
  return list.length > NAMED ? `${named.join(', ')} and ${list.length - NAMED} more` : named.join(', ');
}

function budgetLine(resource: Arn, { objective, burned, rate, by }: Budget): string {
  const counted = by === 'periods' ? ', counted in bad periods as it counts no failed requests' : '';
  return `Error budget of ${shortName(resource)} (${Number((objective * 100).toFixed(4))} % over 30 days${counted}): ${percent(burned)} burned so far, ${Number(rate.toPrecision(2))} times as fast as it may.`;
}
