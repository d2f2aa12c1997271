import type { Arn } from '../../core/arn.ts';
import type { IncidentId } from '../../core/incident.ts';
import type { Policy } from '../../core/policy.ts';
import { addSeconds } from '../../core/units.ts';
import type { Instant } from '../../core/units.ts';
import { listOpen } from './incidents.ts';
import { fleetSize } from './knowledge.ts';
import { keptPointers } from './pointers.ts';

export interface Brake {
  /** True: no automatic action in this fleet. */
  readonly engaged: boolean;
  readonly why: string;
  /** The open incidents of the fleet that are not folded into another, and those that the brake ended. */
  readonly causes: readonly { readonly incidentId: IncidentId; readonly resource: Arn; readonly openedAt: Instant }[];
}

/**
 * The storm brake. It counts causes: an incident folded into another is an effect; one that the brake ended counts until
 * its resource is well, else a storm would release the brake that it engaged. Trouble in more than `brakeShare` of
 * a fleet of `brakeFleetSize` or more, or more than `brakeIncidents` causes opened within `brakeWindow`, means that
 * something larger is going on than healing one resource after the other can mend.
 */
export async function brake(fleet: string, policy: Policy, now: Instant): Promise<Brake> {
  const [open, kept, size] = await Promise.all([listOpen(), keptPointers(), fleetSize(fleet)]);
  const ongoing = open.filter((incident) => incident.fleet === fleet && incident.foldedInto === undefined);
  const braked = kept.filter(({ brakedFleet }) => brakedFleet === fleet);
  const causes = [...ongoing, ...braked].map(({ incidentId, resource, openedAt }) => ({
    incidentId,
    resource,
    openedAt,
  }));
  const troubled = new Set(causes.map(({ resource }) => resource)).size;
  if (size >= policy.brakeFleetSize && troubled / size > policy.brakeShare) {
    const percent = (share: number): string => `${Math.round(share * 100)} %`;
    return {
      engaged: true,
      why: `${troubled} of ${size} resources of fleet ${fleet} are in trouble, more than ${percent(policy.brakeShare)}`,
      causes,
    };
  }
  const from = addSeconds(now, -policy.brakeWindow);
  const recent = causes.filter(({ openedAt }) => openedAt > from).length;
  if (recent > policy.brakeIncidents) {
    return {
      engaged: true,
      why: `${recent} incidents opened in fleet ${fleet} within ${policy.brakeWindow} s, more than ${policy.brakeIncidents}`,
      causes,
    };
  }
  return { engaged: false, why: `${recent} recent causes, ${troubled} of ${size} resources of fleet ${fleet}`, causes };
}
