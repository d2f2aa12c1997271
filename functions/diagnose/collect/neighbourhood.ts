import type { Arn } from '../../../layers/core/arn.ts';
import type { Resource } from '../../../layers/core/inventory.ts';

/** Neighbours looked at, the nearest first: what is called before who calls, for causes lie there. */
const AT_MOST = 12;
/** Of those who call, so that a thousand callers of one table leave room for what the table itself depends on. */
const CALLERS_AT_MOST = 4;
/** Records read to find them. */
const READS_AT_MOST = 40;

/** What is asked of the knowledge base. */
export interface GraphReads {
  readonly resource: (arn: Arn) => Promise<Resource | undefined>;
  readonly dependents: (arn: Arn) => Promise<readonly Arn[]>;
  readonly topologyVersion: () => Promise<number>;
}

export interface Neighbourhood {
  /** One hop away: what the resource calls, then who calls it. */
  readonly near: readonly Resource[];
  /** Two hops away, in the same order; none of `near`. */
  readonly far: readonly Resource[];
  /** Of the graph as a whole. */
  readonly version: number;
  readonly gaps: readonly string[];
}

/**
 * The part of the dependency graph within two hops of a resource, in both directions. Cycles are followed once; what nobody
 * watches is left out. Never throws: what could not be read is a gap, and the graph ends there.
 */
export async function neighbourhoodOf(resource: Resource, reads: GraphReads): Promise<Neighbourhood> {
  const gaps: string[] = [];
  const seen = new Set<Arn>([resource.arn]);
  let left = READS_AT_MOST;
  const attempt = async <T>(what: string, read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      gaps.push(`${what} could not be read: ${String(error)}`);
      return otherwise;
    }
  };
  const recordsOf = async (arns: readonly Arn[], most: number): Promise<Resource[]> => {
    const fresh = [...new Set(arns)].filter((arn) => !seen.has(arn));
    const asked = fresh.slice(0, Math.min(most, left));
    left -= asked.length;
    for (const arn of asked) seen.add(arn);
    if (fresh.length > asked.length) gaps.push(`${fresh.length - asked.length} further neighbours were not looked at`);
    const found = await Promise.all(
      asked.map((arn) => attempt(`the record of ${arn}`, () => reads.resource(arn), undefined)),
    );
    return found.filter((one) => one !== undefined);
  };
  const callersOf = (arn: Arn) => attempt(`who calls ${arn}`, () => reads.dependents(arn), []);

  const [version, callers] = await Promise.all([
    attempt('the version of the dependency graph', () => reads.topologyVersion(), 0),
    callersOf(resource.arn),
  ]);
  const calls = await recordsOf(resource.dependsOn, AT_MOST);
  const calledBy = await recordsOf(callers, CALLERS_AT_MOST);
  const theirCalls = await recordsOf(
    calls.flatMap(({ dependsOn }) => dependsOn),
    AT_MOST,
  );
  const theirCallers = await recordsOf((await Promise.all(calledBy.map(({ arn }) => callersOf(arn)))).flat(), 2);
  const all = [...calls, ...calledBy, ...theirCalls, ...theirCallers];
  const kept = new Set(all.slice(0, AT_MOST).map(({ arn }) => arn));
  if (all.length > AT_MOST) gaps.push(`${all.length - AT_MOST} neighbours were not looked at: ${AT_MOST} are nearer`);
  return {
    near: [...calls, ...calledBy].filter(({ arn }) => kept.has(arn)),
    far: [...theirCalls, ...theirCallers].filter(({ arn }) => kept.has(arn)),
    version,
    gaps: [...new Set(gaps)],
  };
}
