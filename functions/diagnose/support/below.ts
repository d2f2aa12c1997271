import type { Arn } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { edgesAmong } from '../../../layers/core/topology.ts';
import { graphOf, reachable } from '../ranking/graph.ts';

/** What the incident's resource calls, directly or not, as far as the evidence reaches. */
export function below({ resource, resources }: Pick<Evidence, 'resource' | 'resources'>): ReadonlySet<Arn> {
  const found = new Set(reachable(graphOf(edgesAmong(resources)), resource).keys());
  found.delete(resource);
  return found;
}
