/** Which past incidents' faults are known, so that the fault model may learn from them. Pure. */
import * as z from 'zod';
import type { Action } from '../../layers/core/action.ts';
import type { Arn } from '../../layers/core/arn.ts';
import type { PastIncident } from '../../layers/core/experience.ts';
import type { Instant, Ratio } from '../../layers/core/units.ts';
import type { OwnCase } from '../diagnose/model/refine.ts';

type Healers = Readonly<Record<string, Pick<Action, 'heals'>>>;

/** A past incident as the fault model is told of it. */
export interface KnownCase extends OwnCase {
  readonly resource: Arn;
  readonly at: Instant;
  /** When its fault was known: as it ended, or when a person said so. */
  readonly saidAt: Instant;
}

/**
 * What a healing counts by an action that heals other faults, too. It is not known, but it must count: people correct what was
 * wrong and seldom confirm what was right, and from their words alone Diagnose would learn that it is always wrong.
 */
const LIKELY: Ratio = 0.5;

/** Those whose fault is known, or likely, and whose features were kept, the oldest first. */
export function knownCases(pasts: readonly PastIncident[], actions: Healers): KnownCase[] {
  return pasts
    .flatMap((past): KnownCase[] => {
      const said = faultOf(past, actions);
      if (said === undefined || past.features === undefined) return [];
      const values = z.record(z.string(), z.number()).parse(JSON.parse(past.features));
      const { incidentId, resource, endedAt: at, verdict } = past;
      return [{ incidentId, resource, ...said, values, at, saidAt: verdict?.at ?? at }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

/**
 * What an incident was, by a person's word or a healing's; as the model learns it: where the cause is elsewhere, a failure of
 * what it calls. An action tells for certain what it healed only where it heals nothing else: a restart ends many faults.
 */
function faultOf(
  { label, resource, tried }: PastIncident,
  actions: Healers,
): Pick<OwnCase, 'fault' | 'weight'> | undefined {
  if (label.by === 'diagnosis' || label.fault === 'unknown') return undefined;
  if (label.root !== resource) return { fault: 'dependency-failure', weight: 1 };
  if (label.by === 'person') return { fault: label.fault, weight: 1 };
  const cure = tried.findLast(({ outcome }) => outcome === 'recovered');
  const heals = (cure && actions[cure.action]?.heals.filter((one) => one.resource === cure.on)) ?? [];
  const faults = new Set(heals.flatMap((one) => one.faults));
  return { fault: label.fault, weight: faults.size === 1 && faults.has(label.fault) ? 1 : LIKELY };
}
