import { covers, onlyDifference, shared, WordCodes } from './log-codes.ts';
import { EMPTY, show, textOf, tokenise, VARIABLE, type LogTokens } from './log-tokens.ts';

/** A message shape. */
export interface MinedTemplate {
  readonly id: number;
  /** What must be equal, word by word; VARIABLE where anything may stand. */
  readonly keys: readonly string[];
  readonly shown: readonly string[];
  readonly between: readonly string[];
  /** Lines seen. */
  readonly count: number;
  /** Number of the last line seen. */
  readonly last: number;
}

/** All that is remembered of a stream of lines: plain JSON. */
export interface LogModel {
  readonly templates: readonly MinedTemplate[];
  /** Lines seen; never falls. */
  readonly lines: number;
  readonly nextId: number;
}

export interface Mined {
  readonly model: LogModel;
  /** For each line: its template as it was known then, and how many lines that template then had, this one included. */
  readonly seen: readonly { readonly template: number; readonly count: number }[];
  /** Templates that turned out to be one: [which, the older one it became part of], in order. */
  readonly merged: readonly (readonly [number, number])[];
}

export interface MinerLimits {
  /** Templates remembered, 8 and more; the tenth part seen longest ago is forgotten when there are more. Default 500: some 150 KB of state. */
  readonly templates: number;
}

/** Different words in one place that make it a variable: three may be the states of something, four are values. */
const VALUES = 4;
/** The same for the first word, which nearly always names the message (He et al. 2017, §III-B). */
const FIRST_VALUES = 12;
/** At least this part of the words must be common to lines that differ in several places. */
const COMMON = 0.5;

export const emptyLogModel: LogModel = { templates: [], lines: 0, nextId: 0 };

/** A template under way, and its keys as the numbers they are compared by. */
type Shape = { -readonly [K in keyof MinedTemplate]: MinedTemplate[K] } & { codes: readonly number[] };

/**
 * Finds the message shapes in a stream of log lines, line by line: the answer does not depend on how lines are batched.
 *
 * Lines of as many words are compared. A new shape is merged with those that differ from it in one place only, once
 * that place has shown VALUES words, or a number or nothing as well (in-position cardinality, after IPLoM: Makanju et al., KDD 2009).
 * Shapes that differ in several places are split by the place with the fewest words, the constants of a message being
 * those that vary least (bidirectional tree of Brain: Yu et al., IEEE TSC 2023), until what is left varies in each place by
 * VALUES words or more. Merging only ever generalises, so that an id stays, or becomes part of an older one. An empty line is a
 * shape of no words.
 *
 * Time: one hash look-up a known line, O(shapes of its length) a new one. Memory: `limits.templates` shapes.
 */
export function mine(model: LogModel, lines: readonly string[], limits: MinerLimits = { templates: 500 }): Mined {
  const miner = new Miner(model, limits.templates);
  const seen = lines.map((line) => miner.add(tokenise(line)));
  return { model: miner.model(), seen, merged: miner.merged };
}

/** The templates that these became. @param merged all merges since the ids were given, in order */
export const resolve = (ids: readonly number[], merged: Mined['merged']): number[] => ids.map(resolver(merged));

/** What each template became. @param merged all merges since its id was given, in order */
export function resolver(merged: Mined['merged']): (id: number) => number {
  const into = new Map(merged);
  return (id) => {
    let at = id;
    for (let next = into.get(at); next !== undefined; next = into.get(at)) at = next;
    return at;
  };
}

/** A template as people read it: `order <*> failed after <*> ms`. */
export const templateText = (template: MinedTemplate): string => textOf(template.shown, template.between);

class Miner {
  readonly merged: (readonly [number, number])[] = [];
  readonly #most: number;
  readonly #words = new WordCodes();
  /** By number of words; the oldest first. */
  readonly #buckets = new Map<number, Shape[]>();
  /** By words. */
  readonly #shapes = new Map<string, Shape>();
  /** Lines that a shape covered, by words; only while no other shape came that may cover them better. */
  readonly #covered = new Map<string, Shape>();
  #lines: number;
  #nextId: number;

  constructor(model: LogModel, most: number) {
    this.#most = Math.max(8, most);
    this.#lines = model.lines;
    this.#nextId = model.nextId;
    for (const { id, keys, shown, between, count, last } of model.templates)
      this.#put({ id, keys, shown, between, count, last, codes: this.#words.codes(keys) }, nameOf(keys));
  }

  add({ keys, words, between }: LogTokens): { template: number; count: number } {
    this.#lines++;
    const name = nameOf(keys);
    const known = this.#shapes.get(name) ?? this.#covered.get(name);
    if (known) return this.#see(known, words);
    const codes = this.#words.codes(keys);
    const covering = this.#match(codes);
    if (covering) {
      if (this.#covered.size < 4 * this.#most) this.#covered.set(name, covering);
      return this.#see(covering, words);
    }
    const shown = words.map((word, i) => (keys[i] === VARIABLE ? show(word) : word));
    const shape = { id: this.#nextId++, keys, shown, between, count: 1, last: this.#lines, codes };
    this.#put(shape, name);
    for (let next: Shape | undefined = shape; next;) next = this.#generalise(next);
    if (this.#shapes.size > this.#most) this.#forget();
    return { template: shape.id, count: 1 };
  }

  #see(shape: Shape, words: readonly string[]): { template: number; count: number } {
    shape.count++;
    shape.last = this.#lines;
    shape.shown = common(shape.keys, shape.shown, words);
    return { template: shape.id, count: shape.count };
  }

  model(): LogModel {
    const templates = [...this.#shapes.values()]
      .map(({ id, keys, shown, between, count, last }) => ({ id, keys, shown, between, count, last }))
      .sort((a, b) => a.id - b.id);
    return { templates, lines: this.#lines, nextId: this.#nextId };
  }

  #bucket(words: number): Shape[] {
    const bucket = this.#buckets.get(words) ?? [];
    this.#buckets.set(words, bucket);
    return bucket;
  }

  #put(shape: Shape, name: string): void {
    this.#bucket(shape.keys.length).push(shape);
    this.#shapes.set(name, shape);
    this.#covered.clear();
  }

  /** The most specific shape that covers these words. */
  #match(codes: readonly number[]): Shape | undefined {
    let best: Shape | undefined;
    let most = 0;
    for (const shape of this.#bucket(codes.length)) {
      if (!covers(shape.codes, codes)) continue;
      const constants = shared(shape.codes, codes);
      if (constants > most) [best, most] = [shape, constants];
    }
    return best;
  }

  /** Merges what the shape shows to be one; the merged shape if there was anything to merge. */
  #generalise(shape: Shape): Shape | undefined {
    const bucket = this.#bucket(shape.keys.length);
    return this.#mergeOnePlace(bucket, shape) ?? this.#mergeSeveral(bucket, shape);
  }

  #mergeOnePlace(bucket: readonly Shape[], shape: Shape): Shape | undefined {
    const near = new Map<number, Shape[]>();
    for (const other of bucket) {
      const place = onlyDifference(shape.codes, other.codes);
      if (place !== undefined) near.set(place, [...(near.get(place) ?? [shape]), other]);
    }
    for (const [place, group] of near) {
      const words = group.map(({ keys }) => keys[place]);
      const known = words.includes(VARIABLE) || words.includes(EMPTY);
      const enough = group.length >= (place === 0 ? FIRST_VALUES : VALUES);
      const rest = shape.keys.filter((key, i) => i !== place && key !== VARIABLE).length;
      if (rest > 0 && (known || enough)) return this.#merge(shape.keys.with(place, VARIABLE));
    }
    return undefined;
  }

  #mergeSeveral(bucket: readonly Shape[], { keys, codes }: Shape): Shape | undefined {
    let group = bucket;
    // What a merge leaves in common, all of it share: most shapes have too few that are so much alike, and need no splitting.
    let alike = bucket.filter((other) => shared(other.codes, codes) >= COMMON * keys.length);
    while (alike.length >= VALUES) {
      const words = this.#words.variety(group, codes.length);
      const varying = [...words.keys()].filter((i) => (words[i] ?? 0) > 1);
      const [first] = varying;
      if (first === undefined) return undefined;
      const least = varying.reduce((a, b) => ((words[b] ?? 0) < (words[a] ?? 0) ? b : a));
      const constants = keys.filter((key, i) => words[i] === 1 && key !== VARIABLE).length;
      const enough = (words[least] ?? 0) >= (first === 0 ? FIRST_VALUES : VALUES);
      if (enough && constants >= COMMON * keys.length)
        return this.#merge(keys.map((key, i) => (words[i] === 1 ? key : VARIABLE)));
      const same = (other: Shape) => other.codes[least] === codes[least];
      [group, alike] = [group.filter(same), alike.filter(same)];
    }
    return undefined;
  }

  /** Makes one shape of all that these words cover: the oldest keeps its id. */
  #merge(keys: readonly string[]): Shape | undefined {
    const codes = this.#words.codes(keys);
    const [head, ...others] = this.#bucket(keys.length).filter((shape) => covers(codes, shape.codes));
    if (!head) return undefined;
    this.#shapes.delete(nameOf(head.keys));
    this.#remove(others);
    head.shown = others.reduce((shown, other) => common(keys, shown, other.shown), head.shown);
    [head.keys, head.codes] = [keys, codes];
    this.#shapes.set(nameOf(keys), head);
    for (const other of others) {
      head.count += other.count;
      head.last = Math.max(head.last, other.last);
      this.merged.push([other.id, head.id]);
    }
    return head;
  }

  #forget(): void {
    const oldest = [...this.#shapes.values()].sort((a, b) => a.last - b.last);
    this.#remove(oldest.slice(0, Math.ceil(this.#most / 10)));
  }

  #remove(shapes: readonly Shape[]): void {
    const gone = new Set(shapes);
    for (const { keys } of shapes) this.#shapes.delete(nameOf(keys));
    for (const words of new Set(shapes.map(({ keys }) => keys.length)))
      this.#buckets.set(
        words,
        this.#bucket(words).filter((shape) => !gone.has(shape)),
      );
    this.#covered.clear();
  }
}

/** No word holds a space. */
const nameOf = (keys: readonly string[]): string => keys.join(' ');

/** What is shown where a shape and a line (or another shape) agree, VARIABLE where they do not. */
function common(keys: readonly string[], shown: readonly string[], words: readonly string[]): readonly string[] {
  let changed: string[] | undefined;
  for (let i = 0; i < keys.length; i++) {
    const [word = VARIABLE, other = VARIABLE] = [shown[i], words[i]];
    if (keys[i] !== VARIABLE || word === VARIABLE || word === other || word === show(other)) continue;
    changed ??= [...shown];
    changed[i] = VARIABLE;
  }
  return changed ?? shown;
}
