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

type Shape = { -readonly [K in keyof MinedTemplate]: MinedTemplate[K] };

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
  /** By number of words. */
  readonly #buckets = new Map<number, Shape[]>();
  /** By words. */
  #shapes = new Map<string, Shape>();
  /** Lines that a shape covered, by words; only while no other shape came that may cover them better. */
  readonly #covered = new Map<string, Shape>();
  #size = 0;
  #lines: number;
  #nextId: number;

  constructor(model: LogModel, most: number) {
    this.#most = Math.max(8, most);
    this.#lines = model.lines;
    this.#nextId = model.nextId;
    for (const template of model.templates) this.#put({ ...template });
  }

  add(line: LogTokens): { template: number; count: number } {
    this.#lines++;
    const name = nameOf(line.keys);
    const known = this.#shapes.get(name) ?? this.#covered.get(name) ?? this.#match(line.keys);
    if (known) {
      if (this.#covered.size < 4 * this.#most) this.#covered.set(name, known);
      known.count++;
      known.last = this.#lines;
      known.shown = common(known.keys, known.shown, line.words);
      return { template: known.id, count: known.count };
    }
    const { keys, words, between } = line;
    const shown = words.map((word, i) => (keys[i] === VARIABLE ? show(word) : word));
    const shape: Shape = { id: this.#nextId++, keys, shown, between, count: 1, last: this.#lines };
    this.#put(shape);
    for (let next: Shape | undefined = shape; next;) next = this.#generalise(next);
    if (this.#size > this.#most) this.#forget();
    return { template: shape.id, count: 1 };
  }

  model(): LogModel {
    const templates = [...this.#buckets.values()].flat().sort((a, b) => a.id - b.id);
    return { templates, lines: this.#lines, nextId: this.#nextId };
  }

  #bucket(words: number): Shape[] {
    const bucket = this.#buckets.get(words) ?? [];
    this.#buckets.set(words, bucket);
    return bucket;
  }

  #put(shape: Shape): void {
    this.#bucket(shape.keys.length).push(shape);
    this.#shapes.set(nameOf(shape.keys), shape);
    this.#covered.clear();
    this.#size++;
  }

  /** The most specific shape that covers these words. */
  #match(keys: readonly string[]): Shape | undefined {
    let best: Shape | undefined;
    let most = 0;
    for (const shape of this.#bucket(keys.length)) {
      if (!covers(shape.keys, keys)) continue;
      const constants = constantsOf(shape.keys);
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
      const place = onlyDifference(shape.keys, other.keys);
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

  #mergeSeveral(group: readonly Shape[], shape: Shape): Shape | undefined {
    if (group.length < VALUES) return undefined;
    const words = shape.keys.map((_, i) => new Set(group.map(({ keys }) => keys[i])).size);
    const varying = [...words.keys()].filter((i) => (words[i] ?? 0) > 1);
    const [first] = varying;
    if (first === undefined) return undefined;
    const least = varying.reduce((a, b) => ((words[b] ?? 0) < (words[a] ?? 0) ? b : a));
    const constants = shape.keys.filter((key, i) => words[i] === 1 && key !== VARIABLE).length;
    const enough = (words[least] ?? 0) >= (first === 0 ? FIRST_VALUES : VALUES);
    if (enough && constants >= COMMON * shape.keys.length)
      return this.#merge(shape.keys.map((key, i) => (words[i] === 1 ? key : VARIABLE)));
    return this.#mergeSeveral(
      group.filter(({ keys }) => keys[least] === shape.keys[least]),
      shape,
    );
  }

  /** Makes one shape of all that these words cover: the oldest keeps its id. */
  #merge(keys: readonly string[]): Shape | undefined {
    const bucket = this.#bucket(keys.length);
    const covered = bucket.filter((shape) => covers(keys, shape.keys)).sort((a, b) => a.id - b.id);
    const [head, ...others] = covered;
    if (!head) return undefined;
    head.shown = others.reduce((shown, other) => common(keys, shown, other.shown), head.shown);
    head.keys = keys;
    for (const other of others) {
      head.count += other.count;
      head.last = Math.max(head.last, other.last);
      this.merged.push([other.id, head.id]);
    }
    const gone = new Set(others);
    this.#buckets.set(
      keys.length,
      bucket.filter((shape) => !gone.has(shape)),
    );
    this.#size -= others.length;
    this.#index();
    return head;
  }

  #forget(): void {
    const oldest = [...this.#buckets.values()].flat().sort((a, b) => a.last - b.last);
    const gone = new Set(oldest.slice(0, Math.ceil(this.#most / 10)));
    for (const [words, bucket] of this.#buckets)
      this.#buckets.set(
        words,
        bucket.filter((shape) => !gone.has(shape)),
      );
    this.#size -= gone.size;
    this.#index();
  }

  #index(): void {
    this.#covered.clear();
    this.#shapes = new Map([...this.#buckets.values()].flat().map((shape) => [nameOf(shape.keys), shape]));
  }
}

const nameOf = (keys: readonly string[]): string => keys.join('\u0001');

const constantsOf = (keys: readonly string[]): number => keys.reduce((n, key) => n + (key === VARIABLE ? 0 : 1), 0);

function covers(general: readonly string[], keys: readonly string[]): boolean {
  for (let i = 0; i < keys.length; i++) if (general[i] !== VARIABLE && general[i] !== keys[i]) return false;
  return true;
}

/** The one place in which they differ; undefined if there is none or more than one. */
function onlyDifference(a: readonly string[], b: readonly string[]): number | undefined {
  let place: number | undefined;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (place !== undefined) return undefined;
    place = i;
  }
  return place;
}

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
