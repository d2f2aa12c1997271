import type { Incident } from '../../../layers/core/incident.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { minutes, secondsBetween, type Instant } from '../../../layers/core/units.ts';
import type { Pointer } from '../../../layers/runtime/kb/control.ts';
import { AT_MOST, each, type Duty, type Reconciling } from '../duty.ts';
import { takenUpBecause } from '../take-up.ts';

/** So long without a signal and without an alarm in ALARM, and the trouble is over. */
const QUIET = minutes(10);
/** Taken up in one run: all at once would engage the brake again that was just released. */
const AT_ONCE = 5;

/**
 * An escalated or suppressed incident stays open until its resource is well; one whose execution died meanwhile was
 * closed by `finish-dead` and left its pointer, so that the same trouble is not told again. The pointer goes when the
 * resource is well, or when the reason for leaving it alone is gone: then its last signal opens a new incident.
 */
export const duty: Duty = {
  name: 'take-up-again',
  summary:
    'Frees resources whose told trouble is over, and takes up what was braked or suppressed when it no longer is.',
  async run(context) {
    const alarming = new Set((await context.alarming()).map(({ arn }) => arn));
    const kept = await context.kb.control.keptPointers();
    let taken = 0;
    return each(
      kept.slice(0, AT_MOST),
      ({ resource }) => resource,
      async (pointer) => {
        const resource = await context.kb.knowledge.resource(pointer.resource);
        if (!resource) return free(pointer, 'it is not watched any more', context);
        const incident = await context.kb.incidents.get(pointer.incidentId);
        const because = taken < AT_ONCE ? await reason(incident, resource, context) : undefined;
        if (because) {
          taken++;
          return takeUp(incident, resource, because, context);
        }
        const well = !resource.alarms.some(({ arn }) => alarming.has(arn)) && quietFor(pointer, context.now()) >= QUIET;
        return well ? free(pointer, 'it is well', context) : undefined;
      },
    );
  },
};

const quietFor = ({ closedAt = '', lastSignalAt = '' }: Pointer, now: Instant): number =>
  secondsBetween(lastSignalAt > closedAt ? lastSignalAt : closedAt, now);

async function free({ resource, incidentId }: Pointer, because: string, { kb }: Reconciling): Promise<string> {
  await kb.control.removeKeptPointer(resource, incidentId);
  return `freed ${resource}: ${because}`;
}

async function reason(
  { ending, closedAt }: Incident,
  resource: Resource,
  context: Reconciling,
): Promise<string | undefined> {
  if (!ending || !closedAt) return undefined;
  const { kb, policy, now } = context;
  const [lever, brake] = await Promise.all([
    kb.control.lever('healing'),
    kb.control.brake(resource.fleet, policy, now()),
  ]);
  return takenUpBecause(ending, {
    now: now(),
    closedAt,
    mode: resource.mode,
    leverEngaged: lever === 'engaged',
    brakeEngaged: brake.engaged,
  });
}

async function takeUp(incident: Incident, resource: Resource, because: string, context: Reconciling): Promise<string> {
  const { kb, now, newId, executions } = context;
  const signals = await kb.incidents.signals(incident.incidentId);
  const last = signals.findLast((signal) => signal.kind !== 'alarm' || signal.state === 'ALARM');
  await kb.control.removeKeptPointer(resource.arn, incident.incidentId);
  if (!last) return `freed ${resource.arn}: ${because}`;
  const signal: Signal = {
    ...last,
    id: `taken-up:${incident.incidentId}`,
    at: now(),
    summary: `Taken up again, ${because}. ${last.summary}`,
  };
  const { incidentId, status } = await kb.incidents.openOrJoin(signal, resource, newId, now());
  if (status === 'opening') {
    const { executionArn } = await executions.start(incidentId);
    await kb.incidents.markOpen(incidentId, executionArn);
  }
  return `took up ${incident.incidentId} as ${incidentId}: ${because}`;
}
