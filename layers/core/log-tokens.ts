/** What stands for a variable part of a line. */
export const VARIABLE = '<*>';
/** What stands for an empty pair of brackets or quotes: the place of a value that is not there. */
export const EMPTY = '<>';

/** A line cut into words, with what stands between them, so that its text can be put together again. */
export interface LogTokens {
  /** What lines are grouped by: the word, VARIABLE where it holds a digit, EMPTY. */
  readonly keys: readonly string[];
  /** The words themselves. Same length as `keys`. */
  readonly words: readonly string[];
  /** The text before each word, and after the last: one longer than `keys`. */
  readonly between: readonly string[];
}

/** A line may be a whole document; its beginning says what it is, and `…` stands for the rest. */
const LONGEST_LINE = 4000;
const MOST_WORDS = 100;

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*';
const CLOCK = '\\d\\d:\\d\\d(?::\\d\\d)?(?:\\.\\d+)?';

/**
 * Values that are more than one word. One set for all logs, none for a system: URL, hardware address, host with port,
 * date with time (RFC 2822, ctime), amount with unit, and a name glued to a number in brackets (`LOCAL(0)`).
 */
const PHRASES = [
  String.raw`\b[a-z][a-z+]*:\/\/[^\s"'<>,;)\]]+`,
  String.raw`\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){3,}\b`,
  String.raw`\b[\w-]+(?:\.[\w-]+)+:\d+\b`,
  String.raw`\b(?:${DAY},? )?(?:${MONTH} +\d{1,2}|\d{1,2} ${MONTH})(?:,? \d{4})? ${CLOCK}(?: [A-Z]{3,4}\b)?(?: [+-]\d{4})?(?: \d{4}\b)?`,
  String.raw`\b\d+(?:\.\d+)? ?(?:[KMGT]i?B|B|[kMG]b|bytes|ns|us|ms|s|sec|secs|seconds|min|minutes|hours)\b`,
  String.raw`(?<=[\s"'=:,(]|^)[A-Za-z_.]+[([{#][\w.#-]*\d[\w.#-]*[)\]}](?=[\s,;:.)]|$)`,
];

/** A phrase, an empty pair, or a run of what does not delimit. Leaders (`enable......0`) delimit as spaces do. */
const PIECE = new RegExp(
  `(${PHRASES.join('|')})|(\\(\\)|\\[\\]|\\{\\}|""|'')|(?:(?!\\.\\.)[^\\s,;=:()[\\]{}<>"'|])+`,
  'g',
);
/** Punctuation at the end of a word belongs to what stands between. */
const TAIL = /(?<=[^.\-_/\\+~$%^!?&*`#])[.\-_/\\+~$%^!?&*`#]+$/;

/** The varying parts within a word, most specific first: UUID, instant, address, ULID, hexadecimal id, number. */
const VARYING = new RegExp(
  [
    String.raw`\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`,
    String.raw`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`,
    String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`,
    String.raw`\b[0-9A-HJKMNP-TV-Z]{26}\b`,
    String.raw`\b(?:0x)?(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b`,
    String.raw`(?:(?<![A-Za-z])0x[0-9a-fA-F]+|\d+(?:\.\d+)?)`,
  ].join('|'),
  'g',
);

/**
 * Cuts a line into words. A word with a digit is taken for a value, after Drain (He et al., ICWS 2017, §III-B); values
 * that follow each other are one, so that a list of three and one of twenty have the same shape.
 */
export function tokenise(line: string): LogTokens {
  const text = line.length > LONGEST_LINE ? line.slice(0, LONGEST_LINE) : line;
  const keys: string[] = [];
  const words: string[] = [];
  const between: string[] = [];
  let end = 0;
  let rest: string | undefined;
  PIECE.lastIndex = 0;
  for (let match = PIECE.exec(text); match; match = PIECE.exec(text)) {
    const [whole, phrase, empty] = match;
    const word = phrase ?? empty ?? whole.replace(TAIL, '');
    const gap = text.slice(end, match.index);
    end = match.index + word.length;
    const value = phrase !== undefined || (empty === undefined && /\d/.test(word));
    if (value && keys.at(-1) === VARIABLE && !/[()[\]{}]/.test(gap)) {
      words[words.length - 1] += gap + word;
    } else if (keys.length < MOST_WORDS) {
      keys.push(value ? VARIABLE : empty === undefined ? word : EMPTY);
      words.push(word);
      between.push(gap);
    } else {
      rest = ' …';
      break;
    }
  }
  between.push(rest ?? text.slice(end));
  return { keys, words, between };
}

/** A value with its varying parts as `<*>`: `node-17` is `node-<*>`. */
export function show(value: string): string {
  if (!/[A-Za-z]/.test(value)) return VARIABLE;
  const masked = value.replace(VARYING, VARIABLE);
  return masked.includes(VARIABLE) ? masked : VARIABLE;
}

/** The text of a shape: what was between its words, and what is shown of them. */
export function textOf(shown: readonly string[], between: readonly string[]): string {
  const text = between.map((gap, i) => gap + (shown[i] ?? '')).join('');
  return text.replace(/\s+/g, ' ').trim();
}
