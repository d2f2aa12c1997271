import type { Milliseconds } from '../../../layers/core/units.ts';
import { compareText, frozen, itemSize, type StoredItem } from './value.ts';

/** An item as it stood after one write: never changed, so that an index may be behind. */
export interface Stored {
  readonly pk: string;
  readonly sk: string;
  readonly item: StoredItem;
  /** Bytes. */
  readonly size: number;
}

/** A place in a partition: ordered by its sort key; items of an index with equal ones by their own keys. */
export interface Entry {
  readonly sort: string;
  readonly tie: string;
  readonly stored: Stored;
}

export const tieOf = (pk: string, sk: string): string => `${pk}\n${sk}`;

/** Partitions of entries in the order of their sort keys. */
export class Ordered {
  readonly partitions = new Map<string, Entry[]>();

  of(partition: string): readonly Entry[] {
    return this.partitions.get(partition) ?? [];
  }

  put(partition: string, entry: Entry): void {
    const entries = this.partitions.get(partition);
    if (!entries) return void this.partitions.set(partition, [entry]);
    const at = position(entries, entry);
    entries.splice(at, isAt(entries[at], entry) ? 1 : 0, entry);
  }

  remove(partition: string, place: Pick<Entry, 'sort' | 'tie'>): void {
    const entries = this.partitions.get(partition);
    if (!entries) return;
    const at = position(entries, place);
    if (!isAt(entries[at], place)) return;
    entries.splice(at, 1);
    if (entries.length === 0) this.partitions.delete(partition);
  }

  find(partition: string, place: Pick<Entry, 'sort' | 'tie'>): Stored | undefined {
    const entries = this.of(partition);
    const entry = entries[position(entries, place)];
    return isAt(entry, place) ? entry?.stored : undefined;
  }
}

const isAt = (entry: Entry | undefined, { sort, tie }: Pick<Entry, 'sort' | 'tie'>): boolean =>
  entry !== undefined && entry.sort === sort && entry.tie === tie;

/** Where the place is, or would be. */
export const position = (entries: readonly Entry[], { sort, tie }: Pick<Entry, 'sort' | 'tie'>): number =>
  firstIndex(entries, (entry) => (compareText(entry.sort, sort) || compareText(entry.tie, tie)) >= 0);

/** The first index for which `is` holds, where it holds for all after the first one. */
export function firstIndex<T>(list: readonly T[], is: (one: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A global index over the keys with a prefix. */
interface Index {
  readonly prefix: string;
  readonly ordered: Ordered;
}

/** One table with its indexes. */
export class Store {
  readonly name: string;
  readonly #main = new Ordered();
  /** Partition keys, in order. */
  readonly #keys: string[] = [];
  readonly #indexes: ReadonlyMap<string, Index>;
  readonly #lag: Milliseconds;
  readonly #clock: () => Milliseconds;
  /** Changes that the indexes do not show yet, the oldest first. */
  #behind: { readonly due: Milliseconds; readonly apply: () => void }[] = [];

  constructor(
    name: string,
    indexes: Readonly<Record<string, string>>,
    { clock, indexLag }: { readonly clock: () => Milliseconds; readonly indexLag: Milliseconds },
  ) {
    this.name = name;
    this.#indexes = new Map(
      Object.entries(indexes).map(([index, prefix]) => [index, { prefix, ordered: new Ordered() }]),
    );
    this.#clock = clock;
    this.#lag = indexLag;
  }

  /** The key attributes of the table (no name), or of one of its indexes; undefined when there is no such index. */
  prefixOf(index: string | undefined): string | undefined {
    return index === undefined ? '' : this.#indexes.get(index)?.prefix;
  }

  get prefixes(): readonly string[] {
    return [...this.#indexes.values()].map(({ prefix }) => prefix);
  }

  get(pk: string, sk: string): Stored | undefined {
    return this.#main.find(pk, { sort: sk, tie: '' });
  }

  put(item: StoredItem): void {
    const { pk, sk } = item as { pk: string; sk: string };
    const before = this.get(pk, sk);
    const stored = { pk, sk, item: frozen(item), size: itemSize(item) };
    if (!this.#main.partitions.has(pk)) this.#keys.splice(this.#placeOf(pk), 0, pk);
    this.#main.put(pk, { sort: sk, tie: '', stored });
    this.#index(before, stored);
  }

  remove(pk: string, sk: string): void {
    const before = this.get(pk, sk);
    if (!before) return;
    this.#main.remove(pk, { sort: sk, tie: '' });
    if (!this.#main.partitions.has(pk)) this.#keys.splice(this.#placeOf(pk), 1);
    this.#index(before, undefined);
  }

  /** A partition of the table or of an index, in order. */
  partition(index: string | undefined, key: string): readonly Entry[] {
    return this.#orderedBy(index).of(key);
  }

  /** All of the table by its keys, from after `start` on. AWS has an order of its own, and does not say which. */
  *from(start?: { readonly pk: string; readonly sk: string }): Generator<Entry> {
    const first = start ? firstIndex(this.#keys, (key) => compareText(key, start.pk) >= 0) : 0;
    for (let at = first; at < this.#keys.length; at++) {
      const key = this.#keys[at]!;
      const entries = this.#main.of(key);
      const isBegun = key === start?.pk;
      const from = isBegun ? firstIndex(entries, ({ sort }) => compareText(sort, start.sk) > 0) : 0;
      for (let index = from; index < entries.length; index++) yield entries[index]!;
    }
  }

  #placeOf = (pk: string): number => firstIndex(this.#keys, (key) => compareText(key, pk) >= 0);

  #orderedBy(index: string | undefined): Ordered {
    if (index === undefined) return this.#main;
    this.#catchUp();
    return this.#indexes.get(index)?.ordered ?? new Ordered();
  }

  #index(before: Stored | undefined, after: Stored | undefined): void {
    if (this.#indexes.size === 0) return;
    const apply = () => {
      for (const { prefix, ordered } of this.#indexes.values()) {
        const [from, to] = [placeOf(before, prefix), placeOf(after, prefix)];
        if (from) ordered.remove(from.partition, from);
        if (to && after) ordered.put(to.partition, { ...to, stored: after });
      }
    };
    if (this.#lag === 0) return apply();
    this.#behind.push({ due: this.#clock() + this.#lag, apply });
  }

  #catchUp(): void {
    const now = this.#clock();
    const left = this.#behind.findIndex(({ due }) => due > now);
    const due = this.#behind.splice(0, left < 0 ? this.#behind.length : left);
    for (const { apply } of due) apply();
  }
}

/** Only items that have both keys of an index are in it. */
function placeOf(stored: Stored | undefined, prefix: string) {
  const [partition, sort] = [stored?.item[`${prefix}pk`], stored?.item[`${prefix}sk`]];
  if (!stored || typeof partition !== 'string' || typeof sort !== 'string') return undefined;
  return { partition, sort, tie: tieOf(stored.pk, stored.sk) };
}
