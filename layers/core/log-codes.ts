import { VARIABLE } from './log-tokens.ts';

/** The code of VARIABLE. */
const ANY = 0;

/** Numbers words, the same word always the same: lists of words are then compared without reading them letter by letter. */
export class WordCodes {
  readonly #codes = new Map<string, number>([[VARIABLE, ANY]]);
  /** For each word, in which count it came last: so that nothing need be emptied between counts. */
  readonly #countedIn: number[] = [];
  #counts = 0;

  codes(words: readonly string[]): number[] {
    return words.map((word) => {
      const code = this.#codes.get(word) ?? this.#codes.size;
      if (code === this.#codes.size) this.#codes.set(word, code);
      return code;
    });
  }

  /** How many different words stand in each place; counted no further than the fewest of a place before it that varies. */
  variety(group: readonly { readonly codes: readonly number[] }[], places: number): number[] {
    let fewest = Infinity;
    return Array.from({ length: places }, (_, place) => {
      const count = ++this.#counts;
      let different = 0;
      for (const { codes } of group) {
        const code = codes[place] ?? ANY;
        if (this.#countedIn[code] === count) continue;
        this.#countedIn[code] = count;
        different++;
        if (different >= fewest) break;
      }
      if (different > 1) fewest = different;
      return different;
    });
  }
}

export function covers(general: readonly number[], codes: readonly number[]): boolean {
  for (let i = 0; i < codes.length; i++) if (general[i] !== ANY && general[i] !== codes[i]) return false;
  return true;
}

/** In how many places both have the same word. */
export function shared(a: readonly number[], b: readonly number[]): number {
  let places = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i] && a[i] !== ANY) places++;
  return places;
}

/** The one place in which they differ; undefined if there is none or more than one. */
export function onlyDifference(a: readonly number[], b: readonly number[]): number | undefined {
  let place: number | undefined;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (place !== undefined) return undefined;
    place = i;
  }
  return place;
}
