import type { Arn } from '../../core/arn.ts';
import type { IncidentId } from '../../core/incident.ts';
import type { Policy } from '../../core/policy.ts';
import { addSeconds, percent } from '../../core/units.ts';
import type { Instant } from '../../core/units.ts';
import { listOpen } from './incidents.ts';
import { fleetSize } from './knowledge.ts';
import { keptPointers, type Pointer } from './pointers.ts';
import { mayHold } from './storms.ts';

export interface Brake {
  /** True: no automatic action in this fleet. */
  readonly engaged: boolean;
  readonly why: string;
  /** How many of the causes opened within the window. */
  readonly recent: number;
  /** The open incidents of the fleet that are not folded into another, those that the brake ended, and what is parked. */
  readonly causes: readonly { readonly incidentId: IncidentId; readonly resource: Arn; readonly openedAt: Instant }[];
}

/** All kept pointers, where any of the fleet may be braked: reading the table is for storms. */
const keptFor = async (fleet: string): Promise<Pointer[]> => ((await mayHold(fleet)) ? keptPointers() : []);

/**
 * The storm brake. It counts causes: an incident folded into another is an effect; one that the brake ended counts until
 * its resource is well, else a storm would release the brake that it engaged; a resource that is parked counts, unless it
 * depends on one with an incident. Trouble in more than `brakeShare` of
 * a fleet of `brakeFleetSize` or more, or more than `brakeIncidents` causes opened within `brakeWindow`, means that
 * something larger is going on than healing one resource after the other can mend.
 */
export async function brake(fleet: string, policy: Policy, now: Instant): Promise<Brake> {
  const [open, kept, size] = await Promise.all([listOpen(), keptFor(fleet), fleetSize(fleet)]);
  const ongoing = open.filter((incident) => incident.fleet === fleet && incident.foldedInto === undefined);
  const told = kept.filter(({ brakedFleet, parked }) => brakedFleet !== undefined && !parked);
  const inTrouble = new Set([...open, ...told].map(({ resource }) => resource));
  const isEffect = ({ dependsOn = [] }: Pointer) => dependsOn.some((callee) => inTrouble.has(callee));
  const braked = kept.filter((pointer) => pointer.brakedFleet === fleet && !isEffect(pointer));
  const causes = [...ongoing, ...braked].map(({ incidentId, resource, openedAt }) => ({
    incidentId,
    resource,
    openedAt,
  }));
  const from = addSeconds(now, -policy.brakeWindow);
  const recent = causes.filter(({ openedAt }) => openedAt > from).length;
  const troubled = new Set(causes.map(({ resource }) => resource)).size;
  if (size >= policy.brakeFleetSize && troubled / size > policy.brakeShare) {
    return {
      engaged: true,
      why: `${troubled} of ${size} resources of fleet ${fleet} are in trouble, more than ${percent(policy.brakeShare)}`,
      recent,
      causes,
    };
  }
  if (recent > policy.brakeIncidents) {
    return {
      engaged: true,
      why: `${recent} incidents opened in fleet ${fleet} within ${policy.brakeWindow} s, more than ${policy.brakeIncidents}`,
      recent,
      causes,
    };
  }
  return {
    engaged: false,
    why: `${recent} recent causes, ${troubled} of ${size} resources of fleet ${fleet}`,
    recent,
    causes,
  };
}
