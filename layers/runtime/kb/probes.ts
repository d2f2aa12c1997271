import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import { Probe, ProbeFailure } from '../../core/probe.ts';
import { all, query, transact } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove, type Condition, type Item, type Key } from '../writes.ts';

const table = (): string => config().tables.knowledge;

/** Partitions of their own, so that a run reads all probes, and what is known of them, in a page or two. */
const PROBES = 'PROBES';
const STATES = 'PROBED';
/** Written with the inventory's record of the resource. */
export const probesKey = (arn: Arn): Key => ({ pk: PROBES, sk: arn });
const stateKey = (arn: Arn, id: string): Key => ({ pk: STATES, sk: `${arn} ${id}` });

/** The probes of one resource: `PROBES / arn`. */
export const Probed = z.object({ arn: Arn, probes: z.array(Probe) });
export type Probed = z.infer<typeof Probed>;

/** Every probe, by resource. */
export async function probes(): Promise<Probed[]> {
  return all(query(table(), { where: '#pk = :pk', values: { pk: PROBES } }), Probed);
}

/** What is remembered of one probe: `PROBED / arn id`. Written when it changes, not at each run. */
export const ProbeState = z.object({
  arn: Arn,
  id: z.string(),
  /** What was asked: another target is another probe. */
  target: z.string(),
  /** Counts the writes: only what was read is replaced. */
  version: z.number().int(),
  /** Whether it was ever answered well. Before, a failure says nothing about the resource. */
  answered: z.boolean(),
  /** In a row. */
  failures: z.number().int(),
  /** When the first of them was. */
  since: z.string().optional(),
  /** Whether the failure was told. */
  told: z.boolean(),
  /** What it last failed with. */
  failure: ProbeFailure.optional(),
  why: z.string().optional(),
  /** When it was answered again after it had failed. */
  wellSince: z.string().optional(),
});
export type ProbeState = z.infer<typeof ProbeState>;

/** What is known of every probe that was ever asked. */
export async function probeStates(): Promise<ProbeState[]> {
  return all(query(table(), { where: '#pk = :pk', values: { pk: STATES } }), ProbeState);
}

/** Keeps what is known of a probe, where it is still as it was read. @returns false where someone else kept it meanwhile */
export async function keepProbeState(state: ProbeState): Promise<boolean> {
  const seen: Condition =
    state.version === 1 ? ABSENT : { when: '#version = :seen', values: { seen: state.version - 1 } };
  const item: Key & Item = { ...stateKey(state.arn, state.id), ...ProbeState.parse(state) };
  return (await transact([put('probe', table(), item, seen)])).ok;
}

/** Forgets a probe that nobody asks for any more. */
export async function forgetProbe({ arn, id }: Pick<ProbeState, 'arn' | 'id'>): Promise<void> {
  await transact([remove('probe', table(), stateKey(arn, id))]);
}
