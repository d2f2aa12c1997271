import * as z from 'zod';
import { ResourceType, type Arn } from '../../core/arn.ts';
import type { IncidentId } from '../../core/incident.ts';
import { Outcome, updatePosterior } from '../../core/posterior.ts';
import type { Posterior } from '../../core/posterior.ts';
import { Fault } from '../../core/taxonomy.ts';
import { NotFound, all, query, read, transact } from '../database.ts';
import { config } from '../env.ts';
import { put, update } from '../writes.ts';
import type { Key, Write } from '../writes.ts';
import { attemptKey } from './keys.ts';

export type FixKey = `${Fault}/${string}`;

export interface Lesson {
  readonly incidentId: IncidentId;
  readonly attempt: number;
  readonly fault: Fault;
  /** On which it was tried. */
  readonly resource: Arn;
  readonly resourceType: ResourceType;
  readonly action: string;
  readonly outcome: Outcome;
  /** Belief before any outcome was seen: where the counting starts. */
  readonly prior: Posterior;
}

/** What is known of one action against one fault on one type of resource: `FIX#fault#type / action`. */
export const Fix = z
  .object({
    fault: Fault,
    resourceType: ResourceType,
    action: z.string(),
    alpha: z.number(),
    beta: z.number(),
    tries: z.number().int(),
  })
  .transform(({ alpha, beta, ...fix }) => ({ ...fix, posterior: { alpha, beta } }));
export type Fix = z.infer<typeof Fix>;

const table = (): string => config().tables.knowledge;
const fixKey = (fault: Fault, type: ResourceType, action: string): Key => ({ pk: `FIX#${fault}#${type}`, sk: action });

/** What was learned about the faults on a type of resource, by `fault/action`; what was never tried is not in it. */
export async function posteriors(
  resourceType: ResourceType,
  faults: readonly Fault[],
): Promise<Partial<Record<FixKey, Posterior>>> {
  const lists = await Promise.all(
    [...new Set(faults)].map((fault) =>
      all(query(table(), { where: '#pk = :pk', values: { pk: `FIX#${fault}#${resourceType}` } }), Fix),
    ),
  );
  return Object.fromEntries(lists.flat().map((fix) => [`${fix.fault}/${fix.action}`, fix.posterior]));
}

/**
 * Writes an attempt's outcome and counts it, in one transaction that holds once an attempt: `ADD` alone would count
 * twice when it is retried. `unknown` is written down and teaches nothing.
 * @throws NotFound when there is no such attempt
 */
export async function learn(lesson: Lesson): Promise<'learned' | 'already'> {
  const { incidentId, attempt, outcome } = lesson;
  const once = update(
    'attempt',
    config().tables.incidents,
    attemptKey(incidentId, attempt),
    'SET #outcome = :outcome, #learned = :yes',
    {
      when: 'attribute_exists(#pk) AND attribute_not_exists(#learned)',
      values: { outcome: Outcome.parse(outcome), yes: true },
    },
  );
  const done = await transact(outcome === 'unknown' ? [once] : [once, ...counting(lesson)]);
  if (done.ok) return 'learned';
  if (done.failed.get('attempt')) return 'already';
  throw new NotFound(`incident ${incidentId} has no attempt ${attempt} to learn from`);
}

/** The update of the posterior, as increments on top of the prior, the entry in the list of all fixes, and the resource's own count. */
function counting({ fault, resource, resourceType, action, outcome, prior }: Lesson): Write[] {
  const after = updatePosterior(prior, outcome);
  const [healed, failed] = [after.alpha - prior.alpha, after.beta - prior.beta];
  const change =
    'SET #healed = if_not_exists(#healed, :none) + :healed, #failed = if_not_exists(#failed, :none) + :failed, ' +
    '#fault = :fault, #action = :action';
  const own = update('own count', table(), ownKey(resource, fault, action), change, {
    when: 'attribute_not_exists(#pk) OR attribute_exists(#healed)',
    values: { healed, failed, none: 0, fault, action },
  });
  return [...adding({ fault, resourceType, action, prior, healed, failed }), own];
}

/** How often an action healed and failed on one resource against a fault: `OWN#arn / fault#action`. */
const ownKey = (arn: Arn, fault: Fault, action: string): Key => ({ pk: `OWN#${arn}`, sk: `${fault}#${action}` });
const Own = z.object({ fault: Fault, action: z.string(), healed: z.number(), failed: z.number() });

/** How actions fared on this very resource, by `fault/action`; what was never tried on it is not in it. */
export async function ownOutcomes(arn: Arn): Promise<Partial<Record<FixKey, { healed: number; failed: number }>>> {
  const partition = { where: '#pk = :pk', values: { pk: `OWN#${arn}` } };
  const found = await all(query(table(), partition), Own);
  return Object.fromEntries(
    found.map(({ fault, action, healed, failed }) => [`${fault}/${action}`, { healed, failed }]),
  );
}

interface Outcomes extends Pick<Lesson, 'fault' | 'resourceType' | 'action' | 'prior'> {
  readonly healed: number;
  readonly failed: number;
}

function adding({ fault, resourceType, action, prior, healed, failed }: Outcomes): Write[] {
  const change =
    'SET #alpha = if_not_exists(#alpha, :alpha) + :healed, #beta = if_not_exists(#beta, :beta) + :failed, ' +
    '#tries = if_not_exists(#tries, :none) + :tries, #fault = :fault, #resourceType = :type, #action = :action';
  return [
    update('fix', table(), fixKey(fault, resourceType, action), change, {
      when: 'attribute_not_exists(#pk) OR attribute_exists(#alpha)',
      values: {
        alpha: prior.alpha,
        beta: prior.beta,
        healed,
        failed,
        none: 0,
        tries: healed + failed,
        fault,
        type: resourceType,
        action,
      },
    }),
    put('list', table(), { pk: 'FIXES', sk: `${fault}#${resourceType}#${action}`, fault, resourceType, action }),
  ];
}

/** Counts an attempt that healed for a short while only as one that did not, once. @returns whether it was counted as healed */
export async function takeBack(lesson: Omit<Lesson, 'outcome' | 'prior'>): Promise<boolean> {
  const { incidentId, attempt, fault, resource, resourceType, action } = lesson;
  const outcome = update(
    'attempt',
    config().tables.incidents,
    attemptKey(incidentId, attempt),
    'SET #outcome = :unchanged',
    { when: '#outcome = :recovered', values: { unchanged: 'unchanged', recovered: 'recovered' } },
  );
  const one = { one: 1 };
  const done = await transact([
    outcome,
    update('fix', table(), fixKey(fault, resourceType, action), 'SET #alpha = #alpha - :one, #beta = #beta + :one', {
      when: '#alpha > :one',
      values: one,
    }),
    update(
      'own count',
      table(),
      ownKey(resource, fault, action),
      'SET #healed = #healed - :one, #failed = #failed + :one',
      {
        when: '#healed >= :one',
        values: one,
      },
    ),
  ]);
  return done.ok;
}

/** An outcome that was counted for one fault, and was another's. */
export interface Moved {
  readonly from: Fault;
  readonly to: Fault;
  readonly resourceType: ResourceType;
  readonly action: string;
  readonly outcome: Exclude<Outcome, 'unknown'>;
  /** Belief before any outcome; undefined where the action does not claim to heal `to`: then nothing is counted there. */
  readonly prior: Posterior | undefined;
}

/**
 * The writes that take outcomes from the fault they were counted for, as far as that is known, and count them for the one
 * it was; each record once, as a transaction wants it.
 */
export async function moving(moved: readonly Moved[]): Promise<Write[]> {
  const bySource = groups(moved, ({ from, resourceType, action }) => [from, resourceType, action]);
  const taken = (await Promise.all(bySource.map(taking))).filter((one) => one !== undefined);
  const given = taken.flatMap(({ outcomes }) => outcomes).filter(({ prior }) => prior !== undefined);
  const byTarget = groups(given, ({ to, resourceType, action }) => [to, resourceType, action]);
  return [
    ...taken.map(({ write }) => write),
    ...byTarget.flatMap((outcomes) => {
      const { to: fault, resourceType, action, prior = FLAT } = outcomes[0]!;
      return adding({ fault, resourceType, action, prior, ...tally(outcomes) });
    }),
  ];
}

const FLAT: Posterior = { alpha: 1, beta: 1 };

const groups = (moved: readonly Moved[], by: (one: Moved) => readonly string[]): Moved[][] => [
  ...Map.groupBy(moved, (one) => by(one).join(' ')).values(),
];

function tally(outcomes: readonly Moved[]): { healed: number; failed: number } {
  const healed = outcomes.filter(({ outcome }) => outcome === 'recovered').length;
  return { healed, failed: outcomes.length - healed };
}

/** Undefined where they are not (or no longer) counted there. */
async function taking(outcomes: readonly Moved[]): Promise<{ write: Write; outcomes: readonly Moved[] } | undefined> {
  const { from, resourceType, action } = outcomes[0]!;
  const { healed, failed } = tally(outcomes);
  const key = fixKey(from, resourceType, action);
  const known = await read(table(), key, z.object({ alpha: z.number(), beta: z.number(), tries: z.number() }));
  const tries = healed + failed;
  if (!known || known.alpha <= healed || known.beta <= failed || known.tries < tries) return undefined;
  const change = 'SET #alpha = #alpha - :healed, #beta = #beta - :failed, #tries = #tries - :tries';
  const asSeen = {
    when: '#alpha = :a AND #beta = :b',
    values: { a: known.alpha, b: known.beta, healed, failed, tries },
  };
  return { write: update('fix taken back', table(), key, change, asSeen), outcomes };
}

const Listed = z.object({ fault: Fault, resourceType: ResourceType, action: z.string() });

/** Everything learned so far. */
export async function fixes(): Promise<Fix[]> {
  const listed = await all(query(table(), { where: '#pk = :pk', values: { pk: 'FIXES' } }), Listed);
  const pairs = Map.groupBy(listed, ({ fault, resourceType }) => `FIX#${fault}#${resourceType}`);
  const lists = await Promise.all(
    [...pairs.keys()].map((pk) => all(query(table(), { where: '#pk = :pk', values: { pk } }), Fix)),
  );
  return lists.flat();
}
