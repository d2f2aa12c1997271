import * as z from 'zod';
import type { Arn, ResourceType } from '../../core/arn.ts';
import { Cause, PastIncident, type Label, type Verdict } from '../../core/experience.ts';
import { Signature } from '../../core/signature.ts';
import { all, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove, update } from '../writes.ts';
import type { Condition, Item, Key, Write } from '../writes.ts';
import { moving, type Moved } from './fixes.ts';
import { KEEP_DAYS } from './keys.ts';

/**
 * What is kept of incidents that ended, by the type of their resource: `SIGNATURE#type / incident id`, whose ids sort by
 * time; and what was confirmed to cause trouble of what: `CAUSE#effect / cause`.
 */
const table = (): string => config().tables.knowledge;

/** Past incidents of one type of resource that are kept, and read when one is diagnosed. */
export const MOST_PAST = 200;
/** Two that end at once may both find room; what is over goes with the next. */
const OVER = 20;
/** Causes of one resource that are read. */
const MOST_CAUSES = 20;

const pastKey = (type: ResourceType, incidentId: string): Key => ({ pk: `SIGNATURE#${type}`, sk: incidentId });
const causeKey = (effect: Arn, cause: Arn): Key => ({ pk: `CAUSE#${effect}`, sk: cause });

/** A signature is text in its item: a map of forty numbers takes longer to read than all the rest. */
const Stored = z.object({
  ...PastIncident.shape,
  signature: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(Signature),
});

const itemOf = (past: PastIncident): Key & Item => ({
  ...pastKey(past.resourceType, past.incidentId),
  ...PastIncident.parse(past),
  signature: JSON.stringify(past.signature),
  ttl: ttl(past.endedAt, KEEP_DAYS.experience),
});

/** The latest that are kept of a type of resource, the newest first: one keyed, bounded query. */
export async function pastIncidents(type: ResourceType): Promise<PastIncident[]> {
  const partition = { where: '#pk = :pk', values: { pk: pastKey(type, '').pk } };
  return all(query(table(), { ...partition, descending: true, limit: MOST_PAST + OVER }), Stored);
}

/** What was confirmed, or denied, to cause trouble of a resource. */
export async function causes(effect: Arn): Promise<Cause[]> {
  const partition = { where: '#pk = :pk', values: { pk: causeKey(effect, '').pk } };
  return all(query(table(), { ...partition, limit: MOST_CAUSES }), Cause);
}

/** Keeps an incident, once, and counts the cause that was confirmed by it, in one transaction. */
export async function rememberIncident(past: PastIncident): Promise<'remembered' | 'known'> {
  const done = await transact([
    put('past incident', table(), itemOf(past), ABSENT),
    ...countCauses(past.resource, undefined, past.label, 'healed'),
  ]);
  return done.ok ? 'remembered' : 'known';
}

/** Forgets incidents; what was counted of them stays counted. */
export async function forgetIncidents(past: readonly PastIncident[]): Promise<void> {
  for (const { resourceType, incidentId } of past)
    await transact([remove('past incident', table(), pastKey(resourceType, incidentId))]);
}

export type Judged =
  | { readonly kind: 'taken'; readonly past: PastIncident }
  /** It was judged before: that verdict stands. */
  | { readonly kind: 'stands'; readonly past: PastIncident; readonly verdict: Verdict };

/**
 * Takes what a person says of a diagnosis: the label becomes theirs, causes and outcomes are counted for what it was, once,
 * in one transaction.
 * @param past as Close keeps it; what is kept already wins
 * @param outcomesOf outcomes that were counted for another fault, read off what is kept
 * @throws Contended when others keep writing the same records
 */
export async function judgeDiagnosis(
  past: PastIncident,
  verdict: Omit<Verdict, 'was'>,
  truth: Pick<Label, 'fault' | 'root'>,
  outcomesOf: (past: PastIncident) => readonly Moved[],
): Promise<Judged> {
  const key = pastKey(past.resourceType, past.incidentId);
  return retrying(`verdict on ${past.incidentId}`, async (): Promise<Judged | undefined> => {
    const kept = await read(table(), key, Stored);
    if (kept?.verdict) return { kind: 'stands', past: kept, verdict: kept.verdict };
    const before = kept ? { ...(past.features ? { features: past.features } : {}), ...kept } : past;
    const judged: PastIncident = {
      ...before,
      label: { ...truth, by: 'person' },
      verdict: { ...verdict, was: before.label },
    };
    const asSeen: Condition = kept ? { when: 'attribute_exists(#pk) AND attribute_not_exists(#verdict)' } : ABSENT;
    const done = await transact([
      put('past incident', table(), itemOf(judged), asSeen),
      ...countCauses(before.resource, kept ? before.label : undefined, judged.label, verdict.said),
      ...(await moving(outcomesOf(before))),
    ]);
    return done.ok ? { kind: 'taken', past: judged } : undefined;
  });
}

/** Counts a confirmed cause, and takes back or denies what was blamed before. Trouble that a resource makes itself is no edge. */
function countCauses(effect: Arn, before: Label | undefined, now: Label, said: Verdict['said'] | 'healed'): Write[] {
  const counted = before && before.by !== 'diagnosis' && before.root !== effect ? before.root : undefined;
  const blamed = before && before.root !== effect ? before.root : undefined;
  const isConfirmed = now.by !== 'diagnosis' && now.root !== effect;
  const add = new Map<Arn, { confirmed: number; denied: number }>();
  const count = (cause: Arn, confirmed: number, denied: number): void => {
    const sum = add.get(cause) ?? { confirmed: 0, denied: 0 };
    add.set(cause, { confirmed: sum.confirmed + confirmed, denied: sum.denied + denied });
  };
  if (counted && counted !== now.root) count(counted, -1, 0);
  if (blamed && blamed !== now.root && said === 'corrected') count(blamed, 0, 1);
  if (isConfirmed && counted !== now.root) count(now.root, 1, 0);
  return [...add].map(([cause, { confirmed, denied }]) => {
    const change =
      'SET #effect = :effect, #cause = :cause, #confirmed = if_not_exists(#confirmed, :none) + :yes, ' +
      '#denied = if_not_exists(#denied, :none) + :no';
    return update(`cause ${cause}`, table(), causeKey(effect, cause), change, {
      when: 'attribute_not_exists(#pk) OR attribute_exists(#confirmed)',
      values: { effect, cause, none: 0, yes: confirmed, no: denied },
    });
  });
}
