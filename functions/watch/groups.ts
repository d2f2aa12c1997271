import { createHash } from 'node:crypto';
import type { Resource } from '../../layers/core/inventory.ts';
import type { Instant } from '../../layers/core/units.ts';

/** A resource has so many groups watched; what more there are, `npx prunella status` says. */
const GROUPS = 20;
/** Of these a look reads so many, others at the next. */
export const GROUPS_A_LOOK = 5;

type Logging = Pick<Resource, 'logGroups' | 'mode'>;

/** The log groups that are watched. */
export const groupsOf = ({ logGroups, mode }: Logging): string[] =>
  mode === 'observe' ? [] : [...new Set(logGroups)].slice(0, GROUPS);

/** Those that a look reads: drawn by lot, so that no interval between looks can leave one out for long. */
export function groupsAt(resource: Logging, now: Instant): string[] {
  const all = groupsOf(resource);
  if (all.length <= GROUPS_A_LOOK) return all;
  const lot = (group: string): string => createHash('sha256').update(`${now} ${group}`).digest('hex');
  return all
    .map((group) => [lot(group), group] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, GROUPS_A_LOOK)
    .map(([, group]) => group);
}

/** The log groups that nobody watches. */
export function unwatchedGroups(resource: Logging): string[] {
  const watched = new Set(groupsOf(resource));
  return [...new Set(resource.logGroups)].filter((group) => !watched.has(group));
}
