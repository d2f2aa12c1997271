import * as z from 'zod';
import { ResourceType } from '../../core/arn.ts';
import type { IncidentId } from '../../core/incident.ts';
import { Outcome, updatePosterior } from '../../core/posterior.ts';
import type { Posterior } from '../../core/posterior.ts';
import { Fault } from '../../core/taxonomy.ts';
import { NotFound, all, query, transact } from '../database.ts';
import { config } from '../env.ts';
import { put, update } from '../writes.ts';
import type { Key, Write } from '../writes.ts';
import { attemptKey } from './keys.ts';

export type FixKey = `${Fault}/${string}`;

export interface Lesson {
  readonly incidentId: IncidentId;
  readonly attempt: number;
  readonly fault: Fault;
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

/** The update of the posterior, as increments on top of the prior, and the entry in the list of all fixes. */
function counting({ fault, resourceType, action, outcome, prior }: Lesson): Write[] {
  const after = updatePosterior(prior, outcome);
  const key = fixKey(fault, resourceType, action);
  const change =
    'SET #alpha = if_not_exists(#alpha, :alpha) + :healed, #beta = if_not_exists(#beta, :beta) + :failed, ' +
    '#tries = if_not_exists(#tries, :none) + :one, #fault = :fault, #resourceType = :type, #action = :action';
  return [
    update('fix', table(), key, change, {
      when: 'attribute_not_exists(#pk) OR attribute_exists(#alpha)',
      values: {
        alpha: prior.alpha,
        beta: prior.beta,
        healed: after.alpha - prior.alpha,
        failed: after.beta - prior.beta,
        none: 0,
        one: 1,
        fault,
        type: resourceType,
        action,
      },
    }),
    put('list', table(), { pk: 'FIXES', sk: `${fault}#${resourceType}#${action}`, fault, resourceType, action }),
  ];
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
