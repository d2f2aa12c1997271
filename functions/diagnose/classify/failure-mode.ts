import { FAILURE_MODES, type FailureMode } from '../../../layers/core/taxonomy.ts';
import type { Ratio } from '../../../layers/core/units.ts';
import { changeOf, parts, type Change } from '../ranking/change.ts';
import type { Measured, RankingInput } from '../ranking/input.ts';
import { knownOf, type Known } from '../ranking/known.ts';
import { explainedByTraffic } from '../ranking/propagation.ts';
import { NOISE, short, strength, told } from '../ranking/symptoms.ts';

/** In which way a resource fails, and by what that is told. */
export interface Failure {
  readonly mode: FailureMode;
  readonly because: string;
}

/** Share of the processor from which on work waits for it (as in rules/overload.ts). */
const BUSY: Ratio = 0.75;
/**
 * MiB that a program needs at least for itself when it is started: its code, its libraries and a stack for each thread. Work
 * that goes round in circles needs none.
 */
const A_PROGRAM = 4;

export interface FailureInput extends RankingInput {
  /** MiB that all of a resource's memory are, where known: what the limit of its memory metric stands for. */
  readonly sizes?: ReadonlyMap<string, number>;
}

/**
 * In which way a resource fails that is taken for the root, by its own symptoms (see `FAILURE_MODES`). A processor that is used
 * up comes first, since whatever waits for it looks like any of the others. Then the strongest of what the calls to and from
 * it, its requests step by step, the calls it makes, and its answers tell. Nothing is learned.
 *
 * @returns undefined where its symptoms tell nothing of it
 */
export function failureOf(node: string, input: FailureInput, known: Known = knownOf(input)): Failure | undefined {
  const [first] = [...network(node, known), ...steps(node, input), ...calls(node, known), ...answers(node, known)]
    .filter((sign) => sign.strength > 0)
    .sort((a, b) => b.strength - a.strength);
  return processor(node, input, known) ?? (first && { mode: first.mode, because: first.because });
}

interface Sign extends Failure {
  readonly strength: number;
}

/** Another program that is started brings memory of its own; the service's own work on the processor does not. */
function processor(node: string, input: FailureInput, known: Known): Failure | undefined {
  const own = input.measured.filter((series) => series.node === node);
  const busy = own
    .filter(({ kind }) => kind === 'cpu')
    .flatMap((series) => changeOf(series, known.from) ?? [])
    .find((change) => change.now >= BUSY * change.limit && isMoreThanAsked(node, change, own, known));
  if (!busy) return undefined;
  const size = input.sizes?.get(node);
  const grown = size === undefined ? 0 : size * grownBy(own, known);
  const mode = grown >= A_PROGRAM ? 'cpu-contention' : 'cpu-consumption';
  const said = size === undefined ? '' : ` Its memory grew by ${short(Math.round(grown))} MiB.`;
  return { mode, because: `${FAILURE_MODES[mode].summary} ${told(busy)}${said}` };
}

/** Share of its memory that a resource holds beyond the most that it held just before. */
function grownBy(own: readonly Measured[], { from }: Known): Ratio {
  const memory = own.find(({ kind, limit }) => kind === 'memory' && limit !== undefined);
  const now = memory && changeOf(memory, from)?.now;
  if (now === undefined || memory?.limit === undefined) return 0;
  const most = parts(memory, from).before.reduce((highest, value) => Math.max(highest, value), 0);
  return most === 0 ? 0 : Math.max(0, now - most) / memory.limit;
}

/** More of the processor than its requests explain: all of it, or for each request. */
function isMoreThanAsked(node: string, change: Change, own: readonly Measured[], known: Known): boolean {
  if (change.z * (1 - explainedByTraffic(node, change, known)) >= NOISE) return true;
  const [cpu, traffic] = ['cpu', 'traffic'].map((kind) => own.find((series) => series.kind === kind));
  if (!cpu || traffic?.values.length !== cpu.values.length) return false;
  const each = (work: Float64Array, asked: Float64Array | undefined) =>
    work.map((value, i) => value / ((asked?.[i] ?? 0) > 0 ? (asked?.[i] ?? NaN) : NaN));
  const isTogether = cpu.reference?.length === traffic.reference?.length;
  const series: Measured = {
    ...cpu,
    values: each(cpu.values, traffic.values),
    ...(cpu.reference && isTogether ? { reference: each(cpu.reference, traffic.reference) } : {}),
  };
  return (changeOf(series, known.from)?.z ?? 0) >= NOISE;
}

function network(node: string, known: Known): Sign[] {
  const symptom = known.network.get(node);
  return symptom ? [{ mode: 'network-latency', strength: strength(symptom), because: symptom.because }] : [];
}

/** What the strongest change in the steps of its requests says of the way in which they go on. */
function steps(node: string, { events = [] }: RankingInput): Sign[] {
  const [strongest] = events
    .filter((event) => event.node === node && event.way !== undefined)
    .sort((a, b) => b.strength - a.strength);
  if (!strongest) return [];
  return [
    {
      mode: strongest.way === 'broken-off' ? 'exception' : 'early-return',
      strength: strength({ family: 'events', z: strongest.strength, own: 1 }),
      because: strongest.what,
    },
  ];
}

/** Calls that it no longer makes for the requests it is asked: part of its work is left out. */
function calls(node: string, known: Known): Sign[] {
  const change = known.changes.get(node)?.get('calls');
  return change
    ? [{ mode: 'early-return', strength: strength({ family: 'calls', z: change.z, own: 1 }), because: told(change) }]
    : [];
}

/** Requests that fail and nothing else that says why. */
function answers(node: string, known: Known): Sign[] {
  const change = known.changes.get(node)?.get('failures');
  return change
    ? [{ mode: 'exception', strength: strength({ family: 'failures', z: change.z, own: 1 }), because: told(change) }]
    : [];
}
