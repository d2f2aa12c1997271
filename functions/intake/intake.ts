import type { Arn } from '../../layers/core/arn.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import type { IncidentStatus } from '../../layers/core/incident.ts';
import type { Signal } from '../../layers/core/signal.ts';
import type { Instant } from '../../layers/core/units.ts';
import { normalise } from './normalise.ts';
import type { About, Reading } from './source.ts';

/** A message of the queue: one EventBridge event as text. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
}

export interface Taken {
  readonly incidentId: string;
  readonly opened: boolean;
  readonly status: IncidentStatus;
  readonly duplicate: boolean;
  /** It waits in a storm of its fleet. */
  readonly parked?: boolean;
}

/** What intake needs of the knowledge base and of Step Functions: nothing else is called. */
export interface IntakePorts {
  readonly now: () => Instant;
  resourceOfAlarm(alarm: Arn): Promise<Arn | undefined>;
  resource(arn: Arn): Promise<Resource | undefined>;
  openOrJoin(signal: Signal, resource: Resource): Promise<Taken>;
  /** Undefined when no incident is open on the resource. */
  join(signal: Signal, resource: Resource): Promise<Taken | undefined>;
  /** Starts the incident's execution, or finds it started, and marks the incident open. */
  start(incidentId: string): Promise<void>;
}

export type Fate =
  | 'opened'
  | 'joined'
  | 'parked'
  | 'duplicate'
  | 'ignored'
  | 'change'
  | 'unwatched'
  | 'nothing-open'
  | 'malformed'
  | 'failed';

/** What became of one message. */
export interface Outcome {
  readonly messageId: string;
  readonly fate: Fate;
  readonly why: string;
  readonly resource?: Arn;
  readonly incidentId?: string;
}

interface Understood {
  readonly messageId: string;
  readonly reading: Reading | { readonly kind: 'malformed'; readonly why: string };
}
type Placed = {
  readonly messageId: string;
  readonly effect: 'opens' | 'joins';
  readonly signal: Signal;
  readonly resource: Resource;
};

/** The messages to deliver again, and at last to the dead-letter queue: what was not understood is kept and visible. */
export const toRetry = (outcomes: readonly Outcome[]): string[] => [
  // A message about several resources is tried again as a whole: what was taken in is known by then.
  ...new Set(
    outcomes.filter(({ fate }) => fate === 'failed' || fate === 'malformed').map(({ messageId }) => messageId),
  ),
];

/**
 * Takes a batch: every message becomes a signal of an incident, or says why not. Never rejects; a message that failed
 * does not hold up the others. Messages on one resource are taken one after the other, in the order they happened.
 */
export async function takeBatch(messages: readonly Message[], ports: IntakePorts): Promise<Outcome[]> {
  const now = ports.now();
  const outcomes: Outcome[] = [];
  const placed: Placed[] = [];
  const seen = await Promise.all(
    messages.map((message) => guarded(message.messageId, () => place(understand(message, now), ports))),
  );
  for (const one of seen.flat()) {
    if ('fate' in one) outcomes.push(one);
    else placed.push(one);
  }
  const perResource = Map.groupBy(placed, ({ resource }) => resource.arn);
  const taken = await Promise.all([...perResource.values()].map((group) => takeGroup(group, ports)));
  return [...outcomes, ...taken.flat()];
}

function understand({ messageId, body }: Message, now: Instant): Understood {
  try {
    return { messageId, reading: normalise(JSON.parse(body), now) };
  } catch (error) {
    return { messageId, reading: { kind: 'malformed', why: `no JSON: ${String(error)}` } };
  }
}

/** Finds the watched resources that a signal is about. */
async function place({ messageId, reading }: Understood, ports: IntakePorts): Promise<Placed[] | Outcome> {
  if (reading.kind !== 'signal') return { messageId, fate: reading.kind, why: reading.why };
  const { about, effect, signal } = reading;
  const arns = await arnsOf(about, ports);
  const found = await Promise.all(arns.map((arn) => ports.resource(arn)));
  const watched = found.filter((resource) => resource !== undefined);
  if (watched.length === 0) {
    const names = 'alarm' in about ? about.alarm : arns.join(', ');
    return { messageId, fate: 'unwatched', why: `${names} is not in the inventory: tag the resource prunella:mode` };
  }
  return watched.map((resource) => {
    const id = 'resources' in about ? `${signal.id}#${resource.arn}` : signal.id;
    return { messageId, effect, signal: { ...signal, id, resource: resource.arn }, resource };
  });
}

async function arnsOf(about: About, ports: IntakePorts): Promise<readonly Arn[]> {
  if ('resources' in about) return about.resources;
  if ('resource' in about) return [about.resource];
  const arn = await ports.resourceOfAlarm(about.alarm);
  return arn === undefined ? [] : [arn];
}

async function takeGroup(group: readonly Placed[], ports: IntakePorts): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const toStart = new Set<string>();
  for (const one of group.toSorted((a, b) => (a.signal.at < b.signal.at ? -1 : 1))) {
    const outcome = await guarded(one.messageId, () => takeOne(one, ports, toStart));
    outcomes.push(outcome);
  }
  const unstarted = await startAll(toStart, ports);
  return outcomes.map((outcome) => {
    const error = outcome.incidentId && unstarted.get(outcome.incidentId);
    return error ? { ...outcome, fate: 'failed', why: `its execution was not started: ${error}` } : outcome;
  });
}

async function takeOne(one: Placed, ports: IntakePorts, toStart: Set<string>): Promise<Outcome> {
  const { messageId, signal, resource } = one;
  const about = { messageId, resource: resource.arn, why: signal.summary };
  const taken = one.effect === 'opens' ? await ports.openOrJoin(signal, resource) : await ports.join(signal, resource);
  if (!taken) return { ...about, fate: 'nothing-open' };
  // Also when this very signal was seen before: the invocation that opened the incident may have died before it started it.
  if (taken.status === 'opening') toStart.add(taken.incidentId);
  return { ...about, fate: fateOf(taken), incidentId: taken.incidentId };
}

function fateOf({ duplicate, opened, parked }: Taken): Fate {
  if (duplicate) return 'duplicate';
  if (parked) return 'parked';
  return opened ? 'opened' : 'joined';
}

/** Starts what is to be started; answers what could not be, with the reason. */
async function startAll(incidentIds: ReadonlySet<string>, ports: IntakePorts): Promise<Map<string, string>> {
  const unstarted = new Map<string, string>();
  for (const incidentId of incidentIds) {
    try {
      await ports.start(incidentId);
    } catch (error) {
      unstarted.set(incidentId, String(error));
    }
  }
  return unstarted;
}

/** A failure is the message's own: SQS delivers it again. */
async function guarded<T>(messageId: string, work: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await work();
  } catch (error) {
    return { messageId, fate: 'failed', why: String(error) };
  }
}
