/** Whether a log line matches; for JSON patterns the parsed line is there for values to be read from. */
export interface Match {
  readonly json?: unknown;
}

export type FilterPattern = (message: string) => Match | undefined;

/**
 * Compiles a filter pattern of CloudWatch Logs ("Filter pattern syntax"): terms and quoted phrases that all must occur,
 * `-term` that must not, `?term` of which one must, `%regex%`, and JSON patterns such as
 * `{ $.level = "ERROR" && ($.ms > 100 || $.user NOT EXISTS) }`.
 *
 * @throws Error for patterns this sandbox does not evaluate (`[ip, user, …]`) or cannot read
 */
export function compilePattern(pattern: string): FilterPattern {
  const text = pattern.trim();
  if (text === '') return () => ({});
  if (text.startsWith('{')) return jsonPattern(text);
  if (text.startsWith('[')) throw new Error(`space-delimited filter patterns are not supported, got ${pattern}`);
  return termPattern(text);
}

type Test = (message: string) => boolean;

function termPattern(text: string): FilterPattern {
  const terms = [...text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"]+))/g)].map(
    ([, sign, phrase, regex, word]) => ({ sign, test: termTest(phrase?.replace(/\\(.)/g, '$1') ?? word, regex) }),
  );
  const [all, not, any] = ['', '-', '?'].map((sign) => terms.filter((t) => t.sign === sign).map((t) => t.test));
  return (message) => {
    const holds =
      all!.every((test) => test(message)) &&
      !not!.some((test) => test(message)) &&
      // Optional terms count only where there are no required ones, as documented.
      (all!.length > 0 || any!.length === 0 || any!.some((test) => test(message)));
    return holds ? {} : undefined;
  };
}

function termTest(literal: string | undefined, regex: string | undefined): Test {
  if (regex === undefined) return (message) => message.includes(literal ?? '');
  const expression = new RegExp(regex);
  return (message) => expression.test(message);
}

type Condition = (root: unknown) => boolean;

const JSON_TOKEN =
  /\s*(?:(\$(?:\.[\w-]+|\[\d+\]|\["[^"]+"\])*)|("(?:[^"\\]|\\.)*")|%([^%]+)%|(&&|\|\||!=|>=|<=|[=<>()])|(IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS)\b|([^\s&|!=<>()]+))/gy;

interface Token {
  readonly kind: 'path' | 'text' | 'regex' | 'symbol' | 'state' | 'word';
  readonly text: string;
}

function jsonPattern(pattern: string): FilterPattern {
  const condition = new ConditionParser(pattern).whole();
  return (message) => {
    const json = parseObject(message);
    return json !== undefined && condition(json) ? { json } : undefined;
  };
}

function parseObject(message: string): unknown {
  const start = message.trimStart();
  if (!start.startsWith('{')) return undefined;
  try {
    return JSON.parse(start);
  } catch {
    return undefined;
  }
}

class ConditionParser {
  readonly #pattern: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    if (!pattern.endsWith('}')) throw this.#unreadable('it does not end with }');
    this.#tokens = this.#read(pattern.slice(1, -1).trim());
  }

  whole(): Condition {
    const condition = this.#or();
    if (this.#at < this.#tokens.length) throw this.#unreadable(`unexpected ${this.#tokens[this.#at]!.text}`);
    return condition;
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#take('||')) {
      const [a, b] = [left, this.#and()];
      left = (root) => a(root) || b(root);
    }
    return left;
  }

  #and(): Condition {
    let left = this.#single();
    while (this.#take('&&')) {
      const [a, b] = [left, this.#single()];
      left = (root) => a(root) && b(root);
    }
    return left;
  }

  #single(): Condition {
    if (this.#take('(')) {
      const inner = this.#or();
      if (!this.#take(')')) throw this.#unreadable('a ) is missing');
      return inner;
    }
    const path = this.#next();
    if (path?.kind !== 'path')
      throw this.#unreadable(`expected a selector such as $.level, got ${path?.text ?? 'the end'}`);
    const operator = this.#next();
    if (operator?.kind === 'state') return stateCondition(path.text, operator.text.replace(/\s+/g, ' '));
    const value = this.#next();
    if (operator?.kind !== 'symbol' || !value)
      throw this.#unreadable(`expected an operator and a value after ${path.text}`);
    return comparison(path.text, operator.text, value);
  }

  #read(text: string): readonly Token[] {
    const tokens: Token[] = [];
    JSON_TOKEN.lastIndex = 0;
    while (JSON_TOKEN.lastIndex < text.length) {
      const match = JSON_TOKEN.exec(text);
      if (!match) throw this.#unreadable('it could not be split into tokens');
      const kinds = ['path', 'text', 'regex', 'symbol', 'state', 'word'] as const;
      const i = kinds.findIndex((_, k) => match[k + 1] !== undefined);
      tokens.push({ kind: kinds[i]!, text: match[i + 1]! });
    }
    return tokens;
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #take(symbol: string): boolean {
    if (this.#tokens[this.#at]?.text !== symbol || this.#tokens[this.#at]?.kind !== 'symbol') return false;
    this.#at += 1;
    return true;
  }

  #unreadable(why: string): Error {
    return new Error(`filter pattern ${this.#pattern} cannot be read: ${why}`);
  }
}

/** The value at a selector such as `$.a.b[0]`, undefined where there is none. */
export function valueAt(root: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\["([^"]+)"\]/g)].map((m) => m[1] ?? m[2] ?? m[3]!);
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    root,
  );
}

function stateCondition(path: string, state: string): Condition {
  const wanted: Readonly<Record<string, (value: unknown) => boolean>> = {
    'IS NULL': (v) => v === null,
    'IS TRUE': (v) => v === true,
    'IS FALSE': (v) => v === false,
    'NOT EXISTS': (v) => v === undefined,
  };
  return (root) => wanted[state]!(valueAt(root, path));
}

function comparison(path: string, operator: string, expected: Token): Condition {
  const number = Number(expected.text);
  if (expected.kind === 'word' && !Number.isNaN(number)) return numberCondition(path, operator, number);
  const test = textTest(expected);
  return (root) => {
    const value = valueAt(root, path);
    if (value === undefined || value === null) return false;
    return test(String(value)) === (operator === '=');
  };
}

function numberCondition(path: string, operator: string, expected: number): Condition {
  const compare: Readonly<Record<string, (value: number) => boolean>> = {
    '=': (v) => v === expected,
    '!=': (v) => v !== expected,
    '>': (v) => v > expected,
    '>=': (v) => v >= expected,
    '<': (v) => v < expected,
    '<=': (v) => v <= expected,
  };
  return (root) => {
    const value = valueAt(root, path);
    return typeof value === 'number' && compare[operator]!(value);
  };
}

/** `*` stands for any characters. */
function textTest({ kind, text }: Token): Test {
  if (kind === 'regex') return termTest(undefined, text);
  const plain = kind === 'text' ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
  if (!plain.includes('*')) return (value) => value === plain;
  const expression = new RegExp(
    `^${plain
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
  return (value) => expression.test(value);
}
