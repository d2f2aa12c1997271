import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Change } from '../../../layers/core/inventory.ts';
import { epoch } from '../../../layers/core/points.ts';
import type { Made } from '../ranking/input.ts';
import { revisionName } from '../support/facts.ts';

/** What somebody else than Prunella changed: each on the resource that is changed by it. A parameter counts for all who read it. */
export function madeIn({ changes, resources }: Evidence): Made[] {
  return changes.flatMap((change) => {
    const what = told(change);
    if (!what || change.incidentId !== undefined) return [];
    const readers = resources.filter(({ parameters }) => parameters.some(({ arn }) => arn === change.resource));
    const nodes = readers.length > 0 ? readers.map(({ arn }) => arn) : [change.resource];
    return nodes.map((node) => ({ node, at: epoch(change.at), what }));
  });
}

/** Undefined for what brings nothing new: a restart, the first deployment ever, more tasks, a deployment that came to rest. */
function told({ kind, resource, from, to }: Change): string | undefined {
  const isNew = to !== undefined && from !== undefined && from !== to;
  if (kind === 'deployment-started') return isNew ? `A deployment of ${revisionName(to)} began` : undefined;
  if (kind === 'parameter-written') return `Parameter ${shortName(resource)} was written`;
  if (kind === 'alias-moved') return isNew ? `Alias ${shortName(resource)} was moved to version ${to}` : undefined;
  if (kind === 'code-updated') return `The code of ${shortName(resource)} was updated`;
  if (kind === 'configuration-updated') return `The configuration of ${shortName(resource)} was updated`;
  return undefined;
}
