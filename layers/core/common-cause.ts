import * as z from 'zod';
import { Arn, shortName } from './arn.ts';
import { IncidentId, type SharedCause } from './incident.ts';
import { poissonTail } from './statistics/poisson.ts';
import { hours, secondsBetween, type Instant, type Ratio, type Seconds } from './units.ts';

/**
 * Incidents of resources that do not call each other may still have one cause: a database that nobody watches, a provider, an
 * Availability Zone, an issue of AWS. What they show of it are *traces*; that they begin together and show the same is compared
 * with how often that would happen by chance.
 */

/**
 * What an incident shows of a cause outside the dependency graph: `host`: new troubled log lines name it (`payments-db:5432`);
 * `message`: a new kind of line about others; `notice`: an open issue of AWS Health, by its event's ARN; `zone`: the Availability
 * Zone in which all its failed tasks were.
 */
export const Trace = z.object({
  kind: z.enum(['host', 'message', 'notice', 'zone']),
  name: z.string(),
  /** The chance that an unrelated incident shows it, too, where nothing is known of the account's own. */
  chance: z.number().min(0).max(1),
});
export type Trace = z.infer<typeof Trace>;

/** An incident as far as others may share its cause. */
export const Sharer = z.object({
  incidentId: IncidentId,
  resource: Arn,
  onset: z.string(),
  /** How exactly the onset is known, in seconds. */
  slack: z.number().nonnegative(),
  /** None where its cause is its own. */
  traces: z.array(Trace),
  /** The incident in which a person was told of its cause: perhaps itself. */
  toldIn: IncidentId.optional(),
});
export type Sharer = z.infer<typeof Sharer>;

/** A trace that others show as well, more of them and closer in time than chance would have it. */
export const Share = Trace.pick({ kind: true, name: true }).extend({
  /** That as many unrelated incidents would show it within the same time. */
  chance: z.number().min(0).max(1),
  with: z.array(Sharer.pick({ incidentId: true, resource: true, onset: true, toldIn: true })).min(1),
});
export type Share = z.infer<typeof Share>;

/** Less probable than this it is no chance any more; divided by how many traces are compared (Bonferroni). */
export const NO_CHANCE: Ratio = 1e-3;
/** What is further apart is not looked at. */
const FURTHEST: Seconds = hours(1);
/** What is presumed of an account before its own incidents are counted: one in six hours. */
const PRESUMED: Seconds = hours(6);
/** The presumed chance of a trace counts as much as so many incidents. */
const WEIGHT = 10;

/**
 * Which traces of an incident others share, the least likely by chance first. Unrelated incidents are taken for a Poisson
 * process of the account's own rate; of those, a share shows the trace. The fewer would be expected within the time that lies
 * between the incidents, the less it is chance that there are as many. Pure.
 * @param all the account's latest incidents, whatever their cause
 */
export function sharesOf(one: Sharer, all: readonly Sharer[], now: Instant): Share[] {
  const others = all
    .filter(({ resource, incidentId }) => resource !== one.resource && incidentId !== one.incidentId)
    .map((sharer) => ({ ...sharer, apart: apartOf(one, sharer) }));
  const found = one.traces.flatMap((trace): Share[] => {
    const near = others.filter((sharer) => sharer.apart <= FURTHEST && shows(sharer, trace));
    const groups = near.map(({ apart }) => {
      const within = near.filter((sharer) => sharer.apart <= apart);
      const atOtherTimes = others.filter((sharer) => sharer.apart > apart);
      const expected = 2 * apart * rateOf(atOtherTimes, now) * shareOf(trace, within, atOtherTimes);
      return { within, chance: poissonTail(within.length, expected) };
    });
    const [best] = groups.sort((a, b) => a.chance - b.chance);
    if (!best || best.chance > NO_CHANCE / one.traces.length) return [];
    const { kind, name } = trace;
    return [{ kind, name, chance: best.chance, with: best.within.map(toldOf) }];
  });
  return withoutRepeats(found.sort((a, b) => a.chance - b.chance));
}

/** What is shared with nobody else than something less likely by chance says nothing more. */
function withoutRepeats(shares: readonly Share[]): Share[] {
  const seen = new Set<string>();
  return shares.filter((share) => {
    const isNew = share.with.some(({ incidentId }) => !seen.has(incidentId));
    for (const { incidentId } of share.with) seen.add(incidentId);
    return isNew;
  });
}

const toldOf = ({ incidentId, resource, onset, toldIn }: Sharer): Share['with'][number] => ({
  incidentId,
  resource,
  onset,
  ...(toldIn ? { toldIn } : {}),
});

const isSame = (a: Trace, b: Trace): boolean => a.kind === b.kind && a.name === b.name;
const shows = ({ traces }: Sharer, trace: Trace): boolean => traces.some((other) => isSame(other, trace));

/** Onsets cannot be told apart more exactly than they are known. */
const apartOf = (a: Sharer, b: Sharer): Seconds =>
  Math.max(Math.abs(secondsBetween(a.onset, b.onset)), a.slack + b.slack);

/** What was told of together is one story, however many incidents it had. */
const stories = (sharers: readonly Sharer[]): number =>
  new Set(sharers.map(({ incidentId, toldIn }) => toldIn ?? incidentId)).size;

/** Incidents a second, as they came at other times. */
function rateOf(others: readonly Sharer[], now: Instant): number {
  const first = others.map(({ onset }) => onset).sort()[0] ?? now;
  return (stories(others) + 1) / (Math.max(0, secondsBetween(first, now)) + PRESUMED);
}

/** The share of unrelated incidents that show a trace: as presumed, and as those at other times did. */
function shareOf(trace: Trace, within: readonly Sharer[], atOtherTimes: readonly Sharer[]): Ratio {
  const same = within.flatMap(({ traces }) => traces.filter((other) => isSame(other, trace)));
  const presumed = Math.max(...same.map(({ chance }) => chance));
  const showing = atOtherTimes.filter((sharer) => shows(sharer, trace));
  return (stories(showing) + presumed * WEIGHT) / (stories(atOtherTimes) + WEIGHT);
}

/** A trace as a person says it. */
export function sayTrace({ kind, name }: Pick<Trace, 'kind' | 'name'>): string {
  switch (kind) {
    case 'host':
      return `trouble with ${name}`;
    case 'message':
      return `the new log line "${name}"`;
    case 'notice':
      return `the issue of AWS Health ${name}`;
    case 'zone':
      return `failed tasks in ${name} alone`;
  }
}

const NAMED = 5;

/** What is shared with whom, and how much chance that could be, in a sentence. */
export function sayShare(share: Share, onset: Instant): string {
  const apart = Math.max(...share.with.map((other) => Math.abs(secondsBetween(other.onset, onset))));
  const named = share.with
    .slice(0, NAMED)
    .map(({ resource, incidentId }) => `${shortName(resource)} (incident ${incidentId})`);
  const more = share.with.length > NAMED ? ` and ${share.with.length - NAMED} more` : '';
  const odds = Math.max(1, Math.round(1 / Math.max(share.chance, 1e-6)));
  return `it shares ${sayTrace(share)} with ${named.join(', ')}${more}, which began within ${Math.round(apart)} s of it: by chance less than once in ${odds.toLocaleString('en')}`;
}

/** What an incident's record holds of it; undefined where nothing is shared. */
export function sharedCauseOf(shares: readonly Share[] = [], toldIn?: IncidentId): SharedCause | undefined {
  const [first] = shares;
  if (!first) return undefined;
  const others = new Set(shares.flatMap((share) => share.with.map(({ incidentId }) => incidentId)));
  return { what: sayTrace(first), with: [...others], ...(toldIn ? { toldIn } : {}) };
}
