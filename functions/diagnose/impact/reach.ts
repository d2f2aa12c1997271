import type { Arn } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';

export interface Reached {
  readonly arn: Arn;
  /** Calls between it and the incident's resource. */
  readonly hops: number;
}

/** The incident's resource and everything known that calls it, however far, the nearest first. Cycles end where they began. */
export function callersOf({ resource, resources }: Pick<Evidence, 'resource' | 'resources'>): Reached[] {
  const found: Reached[] = [{ arn: resource, hops: 0 }];
  const seen = new Set([resource]);
  for (const { arn: callee, hops } of found) {
    const callers = resources.filter(({ arn, dependsOn }) => dependsOn.includes(callee) && !seen.has(arn));
    for (const { arn } of callers.sort((a, b) => (a.arn < b.arn ? -1 : 1))) {
      seen.add(arn);
      found.push({ arn, hops: hops + 1 });
    }
  }
  return found;
}

/**
 * Where requests come in: what nothing else of these calls. A request that passes three services is counted there once.
 * All of them where they call each other in a circle.
 */
export function entriesOf(reached: readonly Reached[], { resources }: Pick<Evidence, 'resources'>): Arn[] {
  const arns = reached.map(({ arn }) => arn);
  const entries = arns.filter(
    (arn) => !resources.some((one) => one.arn !== arn && arns.includes(one.arn) && one.dependsOn.includes(arn)),
  );
  return entries.length > 0 ? entries : arns;
}
