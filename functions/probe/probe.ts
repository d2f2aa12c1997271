import { shortName, type Arn } from '../../layers/core/arn.ts';
import type { Change } from '../../layers/core/inventory.ts';
import { isDue, type Probe, type Reached } from '../../layers/core/probe.ts';
import { rotated } from '../../layers/core/rotate.ts';
import { newsId, type Signal } from '../../layers/core/signal.ts';
import { addSeconds, secondsBetween, type Instant } from '../../layers/core/units.ts';
import type { ProbePoint } from '../../layers/runtime/probe-points.ts';
import type { Probed, ProbeState } from '../../layers/runtime/kb/knowledge.ts';
import { step, type Stepped } from './step.ts';

/** What probing needs of the knowledge base, the bus, CloudWatch and the network. */
export interface ProbePorts {
  probes(): Promise<readonly Probed[]>;
  probeStates(): Promise<readonly ProbeState[]>;
  keepProbeState(state: ProbeState): Promise<boolean>;
  forgetProbe(state: ProbeState): Promise<void>;
  changes(arn: Arn, from: Instant, to: Instant): Promise<readonly Change[]>;
  publish(points: readonly ProbePoint[]): Promise<void>;
  tell(signals: readonly Signal[]): Promise<void>;
  reach(probe: Probe): Promise<Reached>;
  now(): Instant;
}

export interface Ran {
  readonly asked: number;
  readonly failed: number;
  /** Due, and not asked for want of time. */
  readonly skipped: number;
  /** Asked, and never answered yet. */
  readonly unanswered: number;
}

/** Connections at once. */
const AT_ONCE = 50;
/** A start of the resource, after which it may need a while to answer. */
const STARTS: readonly Change['kind'][] = [
  'deployment-started',
  'code-updated',
  'configuration-updated',
  'alias-moved',
  'task-stopped-by-hand',
];

interface Due {
  readonly arn: Arn;
  readonly probe: Probe;
}

interface Found extends Due {
  readonly known: ProbeState | undefined;
  readonly reached: Reached;
  readonly stepped: Stepped;
}

/**
 * Asks what is due, publishes and tells what is new, and keeps what must be remembered, in this order: whoever dies in between
 * tells the same again, under the same id.
 * @param tick when the schedule meant this run to be
 * @param deadline when nothing more is asked
 * @throws what AWS throws: the run is then made again
 */
export async function probeAll(ports: ProbePorts, tick: Instant, deadline: Instant): Promise<Ran> {
  const [probed, states] = await Promise.all([ports.probes(), ports.probeStates()]);
  const known = new Map(states.map((state) => [nameOf(state.arn, state.id), state]));
  const all = probed.flatMap(({ arn, probes }) => probes.map((probe): Due => ({ arn, probe })));
  const wanted = new Set(all.map(({ arn, probe }) => nameOf(arn, probe.id)));
  for (const state of states) if (!wanted.has(nameOf(state.arn, state.id))) await ports.forgetProbe(state);

  const due = all.filter(({ arn, probe }) => isDue(arn, probe, Date.parse(tick) / 1000));
  const found = await askAll(rotated(due, tick), known, ports, tick, deadline);
  await ports.publish(
    found.flatMap(({ arn, probe: { id }, stepped: { point } }) =>
      point === undefined ? [] : [{ resource: arn, id, at: tick, failed: point }],
    ),
  );
  await ports.tell(found.flatMap((one) => signalOf(one, tick)));
  for (const { stepped } of found) if (stepped.keep) await ports.keepProbeState(stepped.keep);
  return {
    asked: found.length,
    failed: found.filter(({ reached }) => !reached.ok).length,
    skipped: due.length - found.length,
    unanswered: found.filter(({ known: was, stepped }) => !(stepped.keep ?? was)?.answered).length,
  };
}

const nameOf = (arn: Arn, id: string): string => `${arn} ${id}`;

async function askAll(
  due: readonly Due[],
  known: ReadonlyMap<string, ProbeState>,
  ports: ProbePorts,
  tick: Instant,
  deadline: Instant,
): Promise<Found[]> {
  const found: Found[] = [];
  const queue = due.values();
  const work = async (): Promise<void> => {
    for (const one of queue) {
      if (secondsBetween(ports.now(), deadline) < one.probe.timeout) return;
      const was = known.get(nameOf(one.arn, one.probe.id));
      const reached = await ports.reach(one.probe);
      const starting = !reached.ok && (await isStarting(one, ports, tick));
      found.push({ ...one, known: was, reached, stepped: step(one.arn, one.probe, was, reached, tick, starting) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, work));
  return found;
}

async function isStarting({ arn, probe: { grace } }: Due, { changes }: ProbePorts, tick: Instant): Promise<boolean> {
  if (grace === 0) return false;
  const lately = await changes(arn, addSeconds(tick, -grace), tick);
  return lately.some(({ kind }) => STARTS.includes(kind));
}

/** It fails since its first failure in the row; the same news keeps its id. */
function signalOf({ arn, probe, known, reached, stepped }: Found, tick: Instant): Signal[] {
  if (!stepped.news) return [];
  const since = stepped.keep?.since ?? known?.since ?? tick;
  const base = { kind: 'probe', resource: arn, probe: probe.id, state: stepped.news } as const;
  const name = `${shortName(arn)} (${probe.target})`;
  if (stepped.news === 'ok')
    return [
      {
        ...base,
        id: newsId('probe', arn, probe.id, 'ok', since),
        at: tick,
        summary: `${name} answers its probe again.`,
      },
    ];
  const { why = '', failure } = stepped.keep ?? {};
  const times = `${probe.retries} ${probe.retries === 1 ? 'time' : 'times in a row'}`;
  return [
    {
      ...base,
      id: newsId('probe', arn, probe.id, 'failed', since),
      at: since,
      summary: `${name} did not answer its probe well ${times}: ${reached.ok ? why : reached.why}.`,
      ...(failure ? { failure } : {}),
    },
  ];
}
