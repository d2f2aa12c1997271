import type { Incident, IncidentId } from '../../../layers/core/incident.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { isTrouble, type Signal } from '../../../layers/core/signal.ts';
import { minutes, secondsBetween, type Instant } from '../../../layers/core/units.ts';
import type { Brake, Pointer } from '../../../layers/runtime/kb/control.ts';
import { each, type Duty, type Reconciling } from '../duty.ts';
import { takenUpBecause } from '../take-up.ts';

/** So long without a signal, an alarm in ALARM or a probe that fails, and the trouble is over. */
const QUIET = minutes(10);
/** Taken up in one run: all at once would engage the brake again that was just released. */
const AT_ONCE = 5;
/** After a storm a whole fleet gets well: each takes one small write. */
const FREED_AT_ONCE = 2_000;

/** What is known of all kept pointers alike, asked once a run. */
interface Standing {
  readonly alarming: ReadonlySet<string>;
  /** Resources with a probe that fails. */
  readonly failing: ReadonlySet<string>;
  readonly lever: 'engaged' | 'disengaged';
  brakeOf(fleet: string): Promise<Brake>;
  incidentOf(id: IncidentId): Promise<Incident>;
  /** Whether what a person was told in an incident still holds. */
  stands(told: IncidentId): Promise<boolean>;
}

/**
 * An incident that ended while its resource was not well left its pointer, so that the same trouble is not told again; a
 * resource that was parked in a storm has only a pointer. It goes when the resource is well, or when the reason for
 * leaving it alone is gone: then its last signal opens a new incident.
 */
export const duty: Duty = {
  name: 'take-up-again',
  summary:
    'Frees resources whose told trouble is over, and takes up what was braked, parked or suppressed when it no longer is.',
  async run(context) {
    const standing = await standingOf(context);
    const holding = await context.kb.control.fleetsHolding();
    const kept = await context.kb.control.keptPointers();
    for (const fleet of holding)
      if (!kept.some(({ brakedFleet }) => brakedFleet === fleet.fleet)) await context.kb.control.holdsNothing(fleet);
    // What had an incident before what was parked: a cause is likelier among the first.
    const inOrder = [...kept].sort((a, b) => rank(a) - rank(b) || (a.openedAt < b.openedAt ? -1 : 1));
    const due: Due[] = [];
    for (const pointer of inOrder) {
      if (context.now() >= context.deadline) break;
      const found = await dueOf(pointer, standing, context);
      if (found) due.push(found);
    }
    return each(
      await withinRoom(due, standing, context),
      ({ pointer }) => pointer.resource,
      (one) =>
        one.kind === 'free'
          ? free(one.pointer, one.because, context)
          : takeUp(one.pointer, one.resource, one.because, context),
      FREED_AT_ONCE,
    );
  },
};

const rank = ({ parked }: Pointer): number => (parked ? 1 : 0);

type Due = { readonly pointer: Pointer; readonly because: string } & (
  { readonly kind: 'free' } | { readonly kind: 'take-up'; readonly resource: Resource }
);

async function standingOf({ alarming, kb, policy, now }: Reconciling): Promise<Standing> {
  const brakes = new Map<string, Promise<Brake>>();
  const incidents = new Map<string, Promise<Incident>>();
  const tellings = new Map<string, Promise<boolean>>();
  const once = <T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> => {
    const asked = known.get(key) ?? ask();
    known.set(key, asked);
    return asked;
  };
  return {
    alarming: new Set((await alarming()).map(({ arn }) => arn)),
    failing: new Set((await kb.knowledge.probeStates()).flatMap(({ arn, told }) => (told ? arn : []))),
    lever: await kb.control.lever('healing'),
    brakeOf: (fleet) => once(brakes, fleet, () => kb.control.brake(fleet, policy, now())),
    incidentOf: (id) => once(incidents, id, () => kb.incidents.get(id)),
    stands: (told) => once(tellings, told, () => kb.control.tellingStands(told)),
  };
}

async function dueOf(pointer: Pointer, standing: Standing, { kb, now }: Reconciling): Promise<Due | undefined> {
  const resource = await kb.knowledge.resource(pointer.resource);
  if (!resource) return { kind: 'free', pointer, because: 'it is not watched any more' };
  const rings = resource.alarms.some(({ arn }) => standing.alarming.has(arn)) || standing.failing.has(resource.arn);
  const isWell = !rings && quietFor(pointer, now()) >= QUIET;
  // What was parked was never looked at: where it is well by now, there is nothing to take up.
  if (pointer.parked && isWell) return { kind: 'free', pointer, because: WELL };
  const because = await reason(pointer, resource, standing, now());
  if (because) return { kind: 'take-up', pointer, resource, because };
  return isWell ? { kind: 'free', pointer, because: WELL } : undefined;
}

const WELL = 'it is well';

/** From its alarm's own word; else from when nothing more was heard. */
function wellSince({ closedAt = '', lastSignalAt = '', goodAt = '' }: Pointer): Instant {
  const quiet = lastSignalAt > closedAt ? lastSignalAt : closedAt;
  return goodAt > quiet ? goodAt : quiet;
}

const quietFor = ({ closedAt = '', lastSignalAt = '' }: Pointer, now: Instant): number =>
  secondsBetween(lastSignalAt > closedAt ? lastSignalAt : closedAt, now);

async function reason(
  { incidentId, parked }: Pointer,
  resource: Resource,
  standing: Standing,
  now: Instant,
): Promise<string | undefined> {
  const { engaged } = await standing.brakeOf(resource.fleet);
  if (parked) return engaged ? undefined : 'the storm brake was released';
  const { ending, closedAt, shared } = await standing.incidentOf(incidentId);
  if (!ending || !closedAt) return undefined;
  const told = shared?.toldIn;
  if (told !== undefined && told !== incidentId && !(await standing.stands(told)))
    return `the trouble is over that a person was told of in incident ${told}, and this is not`;
  return takenUpBecause(ending, {
    now,
    closedAt,
    mode: resource.mode,
    leverEngaged: standing.lever === 'engaged',
    brakeEngaged: engaged,
  });
}

/** Of what may be taken up, as much as the brake of each fleet has room for. */
async function withinRoom(due: readonly Due[], standing: Standing, { policy }: Reconciling): Promise<Due[]> {
  const takenOf = new Map<string, number>();
  let taken = 0;
  const chosen: Due[] = [];
  for (const one of due) {
    if (one.kind === 'take-up') {
      const { fleet } = one.resource;
      const room = policy.brakeIncidents - (await standing.brakeOf(fleet)).recent;
      const ofFleet = takenOf.get(fleet) ?? 0;
      if (taken >= AT_ONCE || (one.pointer.brakedFleet !== undefined && ofFleet >= room)) continue;
      taken += 1;
      takenOf.set(fleet, ofFleet + 1);
    }
    chosen.push(one);
  }
  return chosen;
}

async function free(pointer: Pointer, because: string, { kb, now }: Reconciling): Promise<string> {
  const { resource, incidentId, parked } = pointer;
  if (!parked && because === WELL) {
    const wellAt = wellSince(pointer);
    await kb.audit.append({
      incidentId,
      eventId: 'Reconcile#well',
      at: now(),
      state: 'Reconcile',
      attempt: 0,
      verdict: 'well',
      why: [`it has been well since about ${wellAt}: no alarm of it is in ALARM, and ten minutes were quiet`],
      saw: { wellAt },
    });
  }
  if (parked) await kb.incidents.freeParked(resource, incidentId, now());
  else await kb.control.removeKeptPointer(resource, incidentId);
  return `freed ${resource}: ${because}`;
}

async function takeUp(
  pointer: Pointer,
  resource: Resource,
  because: string,
  { kb, now, newId, executions }: Reconciling,
): Promise<string | undefined> {
  const { incidentId: before, parked } = pointer;
  const signals = await (parked ? kb.incidents.parkedSignals(before, resource.arn) : kb.incidents.signals(before));
  const last = signals.findLast(isTrouble);
  if (!last) {
    await kb.control.removeKeptPointer(resource.arn, before);
    return `freed ${resource.arn}: ${because}`;
  }
  const signal: Signal = {
    ...last,
    id: `taken-up:${before}${parked ? `:${resource.arn}` : ''}`,
    at: now(),
    summary: `Taken up again, ${because}. ${last.summary}`,
  };
  const opened = await kb.incidents.takeUp(pointer, signal, resource, newId, now());
  if (!opened) return undefined;
  const { executionArn } = await executions.start(opened.incidentId);
  await kb.incidents.markOpen(opened.incidentId, executionArn);
  return `took up ${before} as ${opened.incidentId}: ${because}`;
}
