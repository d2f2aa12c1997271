import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import { Edge, type TopologyChange } from '../../core/topology.ts';
import type { Instant } from '../../core/units.ts';
import { all, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put } from '../writes.ts';
import type { Item, Key } from '../writes.ts';
import { KEEP_DAYS, padded } from './keys.ts';

/**
 * The dependency graph. Edges that begin at a resource stand in its inventory record; for each there is a second item
 * `TOPOLOGY#callee / caller`, so that both directions are one read. Every version of the graph is kept as its difference
 * from the one before.
 */
const table = (): string => config().tables.knowledge;

const versionKey = (version: number): Key => ({ pk: 'TOPOLOGY', sk: `VERSION#${padded(version)}` });
const HEAD: Key = { pk: 'TOPOLOGY', sk: 'HEAD' };

/** The item by which a callee finds its caller. */
export const callerItem = ({ from, to, sources, confidence }: Edge): Key & Item => ({
  pk: `TOPOLOGY#${to}`,
  sk: from,
  arn: from,
  sources,
  confidence,
});

const Caller = z.object({ arn: Arn });
const callersOf = (arn: Arn) => ({ where: '#pk = :pk', values: { pk: `TOPOLOGY#${arn}` } });

/** Who calls or reads this resource. */
export async function dependents(arn: Arn): Promise<Arn[]> {
  return (await all(query(table(), callersOf(arn)), Caller)).map((caller) => caller.arn);
}

/** True when anything calls or reads this resource. */
export async function hasDependents(arn: Arn): Promise<boolean> {
  for await (const _ of query(table(), { ...callersOf(arn), limit: 1 })) return true;
  return false;
}

const Head = z.object({ version: z.number().int().positive(), at: z.string() });

/** A version of the graph: how it differs from the one before. */
export const TopologyVersion = Head.extend({ added: z.array(Edge), removed: z.array(Edge) });
export type TopologyVersion = z.infer<typeof TopologyVersion>;

/** Version of the graph as it is now; 0 before the first. */
export async function topologyVersion(): Promise<number> {
  return (await read(table(), HEAD, Head))?.version ?? 0;
}

/** Of a change with more edges than this only the count is kept: an item of DynamoDB holds 400 KB. */
const MOST_EDGES = 500;

/** Writes down that the graph has changed; nothing where it has not. */
export async function recordTopology({ added, removed }: TopologyChange, now: Instant): Promise<void> {
  if (added.length + removed.length === 0) return;
  await retrying('version of the topology', async () => {
    const head = await read(table(), HEAD, Head);
    const version = (head?.version ?? 0) + 1;
    const isLarge = added.length + removed.length > MOST_EDGES;
    const edges = isLarge ? { added: [], removed: [] } : { added, removed };
    const counts = { addedCount: added.length, removedCount: removed.length };
    const unchanged = head ? { when: '#version = :before', values: { before: head.version } } : ABSENT;
    const done = await transact([
      put('head', table(), { ...HEAD, version, at: now }, unchanged),
      put('version', table(), { ...versionKey(version), version, at: now, ...edges, ...counts, ttl: keep(now) }),
    ]);
    return done.ok ? true : undefined;
  });
}

const keep = (now: Instant): number => ttl(now, KEEP_DAYS.change);

/** The latest versions, newest first. */
export async function topologyVersions(limit = 20): Promise<TopologyVersion[]> {
  const where = '#pk = :pk AND begins_with(#sk, :prefix)';
  const values = { pk: HEAD.pk, prefix: 'VERSION#' };
  return all(query(table(), { where, values, descending: true, limit }), TopologyVersion);
}
