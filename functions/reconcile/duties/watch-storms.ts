import { shortName } from '../../../layers/core/arn.ts';
import { addSeconds, minutes, secondsBetween } from '../../../layers/core/units.ts';
import type { Parked } from '../../../layers/runtime/kb/incidents.ts';
import { each, type Duty, type Reconciling } from '../duty.ts';

/** The incidents that a storm began with tell of it within about a minute, unless they were noise. */
const TELL = minutes(3);
/** What was told so recently before a storm began stands for it, too. */
const STANDS = minutes(30);

type FleetStorm = Awaited<ReturnType<Reconciling['kb']['control']['storms']>>[number];

/** While a storm is on, signals of its fleet open no incidents: somebody must end it, and tell of it if nobody did. */
export const duty: Duty = {
  name: 'watch-storms',
  summary: 'Ends the storm of a fleet whose brake is released, and tells of one that nobody told of.',
  async run(context) {
    const storms = await context.kb.control.storms();
    return each(
      storms,
      ({ fleet }) => fleet,
      (storm) => look(storm, context),
    );
  },
};

async function look(storm: FleetStorm, context: Reconciling): Promise<string | undefined> {
  const { kb, policy, now } = context;
  const { fleet, incidentId, since } = storm;
  const brake = await kb.control.brake(fleet, policy, now());
  if (brake.engaged) return (await needsTelling(storm, context)) ? tell(storm, brake.why, context) : undefined;
  if (!(await kb.control.endStorm(fleet, incidentId))) return undefined;
  const why = [
    `the storm brake of fleet ${fleet} is released: ${brake.why}`,
    told(await kb.incidents.parked(incidentId)),
  ];
  await kb.audit.append({
    incidentId,
    eventId: `Reconcile#storm-over-${since}`,
    at: now(),
    state: 'Reconcile',
    attempt: 0,
    verdict: 'storm-over',
    why,
    saw: { fleet, since },
  });
  return why.join('; ');
}

function told(parked: readonly Parked[]): string {
  const well = parked.filter(({ became }) => became === 'well').length;
  return `${parked.length} resources waited in it: ${well} got well, ${parked.length - well} are taken up one by one`;
}

/** Nobody is told of what is only observed. */
async function needsTelling({ fleet, since, toldAt }: FleetStorm, { kb, now }: Reconciling): Promise<boolean> {
  if (secondsBetween(since, now()) < TELL || (toldAt !== undefined && toldAt > addSeconds(since, -STANDS)))
    return false;
  for (const { brakedFleet, resource } of await kb.control.keptPointers())
    if (brakedFleet === fleet && (await kb.knowledge.resource(resource))?.mode !== 'observe') return true;
  return false;
}

async function tell({ fleet, incidentId }: FleetStorm, why: string, context: Reconciling): Promise<string> {
  const { toldAt: _, ...incident } = await context.kb.incidents.get(incidentId);
  const notified = await context.notify(incident, { kind: 'escalated', because: 'brake', why });
  if (notified === 'told') context.escalated('brake');
  return `told of the storm of fleet ${fleet}, in the incident of ${shortName(incident.resource)}: ${why}`;
}
