import type { Tables } from '../core/tables.ts';
import type { StoredItem, Value } from '../core/tables/value.ts';

/** Items by table, as plain JSON: what one episode leaves to the next. */
export type Carried = Readonly<Record<'incidents' | 'knowledge' | 'control', readonly StoredItem[]>>;

export const NOTHING: Carried = { incidents: [], knowledge: [], control: [] };

/** Incidents of a resource that are kept: as many as Decide looks back on. */
const OF_A_RESOURCE = 10;

/** Fixes and how they fared, by type of resource and by resource; past incidents; learned causes. */
const LEARNED = ['FIX#', 'OWN#', 'SIGNATURE#', 'CAUSE#'];

/**
 * What an account remembers when the next episode begins: what was learned, how actions fared on each resource, attempt
 * budgets and cooldowns, what incidents showed. What describes the world (inventory, changes, alarms that were heard, a freeze that a person has
 * lifted) goes with the world.
 * @throws Error when an item is not plain JSON, so that a kept episode would be replayed from something else
 */
export function carriedFrom(tables: Tables): Carried {
  const { incidents = [], knowledge = [], control = [] } = tables.dump();
  const carried: Carried = {
    incidents: latest(incidents),
    knowledge: knowledge.filter(({ pk }) => LEARNED.some((prefix) => String(pk).startsWith(prefix))),
    control: control.filter(({ pk }) => String(pk).startsWith('BUDGET#') || pk === 'SHARED'),
  };
  for (const item of Object.values(carried).flat())
    if (!isPlain(item)) throw new Error(`items that are carried over must be plain JSON: ${text(item['pk'])}`);
  return carried;
}

/** Items never change: one that was looked at in an episode before need not be looked at again. */
const plain = new WeakSet<object>();

function isPlain(value: Value): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null || plain.has(value)) return true;
  if (value instanceof Uint8Array || value instanceof Set || !Object.values(value).every(isPlain)) return false;
  plain.add(value);
  return true;
}

/** Of each resource's latest incidents, what Decide asks of past ones: the record and its attempts. */
function latest(items: readonly StoredItem[]): readonly StoredItem[] {
  const records = items
    .filter(({ sk }) => sk === 'META')
    .sort((a, b) => (text(a['openedAt']) > text(b['openedAt']) ? -1 : 1));
  const kept = Object.values(Object.groupBy(records, ({ resource }) => text(resource))).flatMap((of = []) =>
    of.slice(0, OF_A_RESOURCE).map(({ pk }) => text(pk)),
  );
  const isKept = new Set(kept);
  return items.filter(({ pk, sk }) => isKept.has(text(pk)) && (sk === 'META' || text(sk).startsWith('ATTEMPT#')));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
