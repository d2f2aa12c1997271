import type { Arn } from '../../core/arn.ts';
import type { IncidentId } from '../../core/incident.ts';
import type { Policy } from '../../core/policy.ts';
import type { Instant, Seconds } from '../../core/units.ts';
import { retrying, transact } from '../database.ts';
import type { Item } from '../writes.ts';
import { config } from '../env.ts';
import { check } from '../writes.ts';
import type { Write } from '../writes.ts';
import { brake } from './brake.ts';
import { readBudget, refusal, spend } from './budget.ts';
import { resourceKey } from './keys.ts';
import { freeSlot, leasedBy, takeLease, takeSlot } from './leases.ts';
import { freezeKey, leverKey } from './levers.ts';

export interface Acquiring {
  readonly incidentId: IncidentId;
  readonly attempt: number;
  /** Every ARN the action touches. The first is its target: it must be in the inventory. */
  readonly arns: readonly Arn[];
  readonly fleet: string;
  readonly policy: Policy;
  readonly now: Instant;
  /** Until when the calling function can be running: nobody else changes the resource before. */
  readonly busyUntil: Instant;
  /** Until when lease and slot are wanted. Default: `busyUntil`. */
  readonly until?: Instant;
  readonly action: string;
  /** Rest before the same action on the same resource. */
  readonly cooldown: Seconds;
  /** AWS's own cap on the action. */
  readonly actionQuota?: { readonly times: number; readonly per: Seconds } | undefined;
  /** True when a person agreed to this plan: mode `approve` is then enough. */
  readonly approved?: boolean;
}

export const REFUSALS = ['lever', 'brake', 'frozen', 'mode', 'budget', 'cooldown', 'leased', 'no-slot'] as const;
export type Refusal = (typeof REFUSALS)[number];
export type Acquired = { readonly ok: true } | { readonly ok: false; readonly why: Refusal; readonly detail: string };

/**
 * The right to act, or the reason why not. One transaction takes the lease of every ARN and a slot, counts the attempt,
 * and reads lever, freeze and mode as they are at that moment. The brake is read just before it: it is a count.
 * Beginning the same attempt again counts once; while an earlier call of it may still be running it is `leased`.
 */
export async function acquire(wanted: Acquiring): Promise<Acquired> {
  if (wanted.arns.length === 0) throw new Error(`supply the ARNs that ${wanted.action} touches, got none`);
  const { engaged, why } = await brake(wanted.fleet, wanted.policy, wanted.now);
  if (engaged) return { ok: false, why: 'brake', detail: why };
  return retrying(`lease for ${wanted.incidentId}`, () => tryOnce(wanted));
}

async function tryOnce(wanted: Acquiring): Promise<Acquired | undefined> {
  const { incidentId, policy, now } = wanted;
  const arns = [...new Set(wanted.arns)];
  const limits = { ...wanted, quota: wanted.actionQuota };
  const [slot, ...budgets] = await Promise.all([
    freeSlot(incidentId, policy.maxConcurrent, now),
    ...arns.map(async (arn) => ({ arn, stored: await readBudget(arn) })),
  ]);
  const refused = budgets.flatMap(({ arn, stored }) => refusal(arn, stored, limits, policy, now) ?? [])[0];
  const parts: Write[] = [...permitted(arns, wanted.approved ?? false)];
  if (!refused && slot !== undefined) {
    const expiresAt = wanted.until !== undefined && wanted.until > wanted.busyUntil ? wanted.until : wanted.busyUntil;
    const { attempt, busyUntil } = wanted;
    parts.push(
      ...arns.map((arn) => takeLease({ arn, incidentId, attempt, expiresAt, busyUntil, slot }, now)),
      ...budgets.map(({ arn, stored }) => spend(arn, stored, limits, policy, now)),
      takeSlot(slot, incidentId, expiresAt, now),
    );
  }
  const done = await transact(parts);
  const reason = done.ok ? undefined : reasonOf(done.failed);
  if (reason) return { ok: false, ...reason };
  if (refused) return { ok: false, ...refused };
  if (slot === undefined) return { ok: false, why: 'no-slot', detail: `all ${policy.maxConcurrent} slots are taken` };
  return done.ok ? { ok: true } : undefined; // only slot or budget raced: look again
}

/** Lever, freeze and mode, as they are when the transaction is made. */
function permitted(arns: readonly Arn[], approved: boolean): Write[] {
  const { control, knowledge } = config().tables;
  const modes = approved ? '#mode IN (:heal, :approve)' : '#mode = :heal';
  const values = approved ? { heal: 'heal', approve: 'approve' } : { heal: 'heal' };
  return [
    check('lever', control, leverKey('healing'), {
      when: '#state = :disengaged',
      values: { disengaged: 'disengaged' },
    }),
    ...arns.map((arn) => check(`freeze of ${arn}`, control, freezeKey(arn), { when: 'attribute_not_exists(#pk)' })),
    // What is touched on the way (a parameter) need not be watched itself; but where it is, its own mode counts.
    ...arns.map((arn, index) =>
      check(`mode of ${arn}`, knowledge, resourceKey(arn), {
        when: index === 0 ? modes : `attribute_not_exists(#pk) OR ${modes}`,
        values,
      }),
    ),
  ];
}

/** The weightiest of the conditions that did not hold; undefined when only a race was lost. */
function reasonOf(failed: ReadonlyMap<string, Item | undefined>): { why: Refusal; detail: string } | undefined {
  const under = (prefix: string) => [...failed].filter(([label]) => label.startsWith(prefix));
  const [lever, freeze, mode, lease] = ['lever', 'freeze of ', 'mode of ', 'lease of '].map(under);
  if (lever?.length) return { why: 'lever', detail: 'the healing lever is engaged, or was never set' };
  if (freeze?.[0])
    return {
      why: 'frozen',
      detail: `${freeze[0][0].slice('freeze of '.length)} is frozen: ${String(freeze[0][1]?.['why'])}`,
    };
  if (mode?.[0])
    return {
      why: 'mode',
      detail: `the ${mode[0][0]} is ${String(mode[0][1]?.['mode'] ?? 'unknown: it is not in the inventory')}`,
    };
  if (lease?.length) return { why: 'leased', detail: leasedBy(lease.map(([, item]) => item)) };
  return undefined;
}
