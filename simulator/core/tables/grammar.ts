import { validation } from './errors.ts';

/** A place in an item: names as their placeholders (`#a`), positions in a list as numbers. */
export type Path = { readonly kind: 'path'; readonly steps: readonly (string | number)[] };
export type Operand =
  Path | { readonly kind: 'value'; readonly name: string } | { readonly kind: 'size'; readonly of: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly by: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly what: Operand; readonly from: Operand; readonly to: Operand }
  | { readonly kind: 'in'; readonly what: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'exists' | 'not-exists'; readonly path: Path }
  | { readonly kind: 'begins-with' | 'contains' | 'type'; readonly path: Operand; readonly operand: Operand };

/** What SET may put somewhere. */
export type Term =
  | Operand
  | { readonly kind: 'if-not-exists'; readonly path: Path; readonly otherwise: Term }
  | { readonly kind: 'list-append'; readonly first: Term; readonly second: Term }
  | { readonly kind: 'plus' | 'minus'; readonly left: Term; readonly right: Term };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly to: Term }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: string }[];
  readonly delete: readonly { readonly path: Path; readonly value: string }[];
}

/** An expression as a tree, and the placeholders it uses. */
export interface Parsed<Tree> {
  readonly tree: Tree;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

const TOKEN = /\s*(?:([#:]\w+)|(\w+)|(<>|<=|>=|[=<>()[\].,+-]))/y;
const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const FUNCTIONS = {
  attribute_exists: 'exists',
  attribute_not_exists: 'not-exists',
  attribute_type: 'type',
  begins_with: 'begins-with',
  contains: 'contains',
} as const;

/**
 * Reads an expression of DynamoDB ("Condition and filter expressions", "Update expressions", Developer Guide). Stricter
 * in one thing: attributes are named by `#placeholder` only, for which word is reserved is not known here.
 */
class Parser {
  readonly names = new Set<string>();
  readonly values = new Set<string>();
  readonly #tokens: readonly string[];
  readonly #what: string;
  readonly #text: string;
  #at = 0;

  constructor(what: string, text: string) {
    this.#what = what;
    this.#text = text;
    this.#tokens = this.#split();
  }

  /** @throws ValidationException unless `read` takes all there is */
  whole<Tree>(read: () => Tree): Parsed<Tree> {
    const tree = read();
    if (this.#at < this.#tokens.length) this.#refuse();
    return { tree, names: this.names, values: this.values };
  }

  disjunction(): Condition {
    return this.#joined('or', () => this.#joined('and', () => this.#negation()));
  }

  update(): Update {
    const found = new Map<string, unknown[]>();
    while (this.#at < this.#tokens.length) {
      const section = this.#take().toUpperCase();
      if (found.has(section))
        throw this.#error(`The "${section}" section can only be used once in an update expression`);
      found.set(section, this.#list(this.#reader(section)));
    }
    const { SET = [], REMOVE = [], ADD = [], DELETE = [] } = Object.fromEntries(found);
    return { set: SET, remove: REMOVE, add: ADD, delete: DELETE } as Update;
  }

  #reader(section: string): () => unknown {
    if (section === 'SET') return () => this.#assignment();
    if (section === 'REMOVE') return () => this.#path();
    if (section === 'ADD' || section === 'DELETE') return () => ({ path: this.#path(), value: this.#value().name });
    this.#at -= 1;
    return this.#refuse();
  }

  #assignment(): Update['set'][number] {
    const path = this.#path();
    this.#take('=');
    const left = this.#term();
    const sign = this.#is('+') ? 'plus' : this.#is('-') ? 'minus' : undefined;
    if (!sign) return { path, to: left };
    this.#take();
    return { path, to: { kind: sign, left, right: this.#term() } };
  }

  #term(): Term {
    const name = this.#peek();
    if (name !== 'if_not_exists' && name !== 'list_append') return this.#operand();
    this.#take();
    this.#take('(');
    const term: Term =
      name === 'if_not_exists'
        ? { kind: 'if-not-exists', path: this.#path(), otherwise: (this.#take(','), this.#term()) }
        : { kind: 'list-append', first: this.#term(), second: (this.#take(','), this.#term()) };
    this.#take(')');
    return term;
  }

  #joined(kind: 'and' | 'or', read: () => Condition): Condition {
    const parts = [read()];
    while (this.#word(kind)) parts.push(read());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  #negation(): Condition {
    return this.#word('not') ? { kind: 'not', part: this.#negation() } : this.#atom();
  }

  #atom(): Condition {
    if (this.#is('(')) return this.#parenthesised();
    const name = this.#peek() ?? '';
    if (name in FUNCTIONS) return this.#function(name as keyof typeof FUNCTIONS);
    const left = this.#operand();
    const by = this.#peek() ?? '';
    if (COMPARATORS.includes(by)) {
      this.#take();
      return { kind: 'compare', by: by as Comparator, left, right: this.#operand() };
    }
    if (this.#word('between')) {
      const from = this.#operand();
      if (!this.#word('and')) this.#refuse();
      return { kind: 'between', what: left, from, to: this.#operand() };
    }
    if (!this.#word('in')) this.#refuse();
    this.#take('(');
    const list = this.#list(() => this.#operand());
    this.#take(')');
    return { kind: 'in', what: left, list };
  }

  #parenthesised(): Condition {
    this.#take('(');
    const twice = this.#is('(');
    const inside = this.#at;
    const condition = this.disjunction();
    if (twice && this.#closing(inside) === this.#at - 1) throw this.#error('The expression has redundant parentheses;');
    this.#take(')');
    return condition;
  }

  /** Where the parenthesis that opens at `from` closes. */
  #closing(from: number): number {
    let depth = 0;
    for (let at = from; at < this.#tokens.length; at++) {
      if (this.#tokens[at] === '(') depth++;
      if (this.#tokens[at] === ')' && --depth === 0) return at;
    }
    return -1;
  }

  #function(name: keyof typeof FUNCTIONS): Condition {
    const kind = FUNCTIONS[name];
    this.#take();
    this.#take('(');
    const condition: Condition =
      kind === 'exists' || kind === 'not-exists'
        ? { kind, path: this.#path() }
        : { kind, path: this.#operand(), operand: (this.#take(','), this.#operand()) };
    this.#take(')');
    return condition;
  }

  #operand(): Operand {
    const token = this.#peek() ?? '';
    if (token.startsWith(':')) return this.#value();
    if (token !== 'size') return this.#path();
    this.#take();
    this.#take('(');
    const of = this.#path();
    this.#take(')');
    return { kind: 'size', of };
  }

  #value(): { readonly kind: 'value'; readonly name: string } {
    const name = this.#peek() ?? '';
    if (!name.startsWith(':')) this.#refuse();
    this.values.add(this.#take());
    return { kind: 'value', name };
  }

  #path(): Path {
    const steps: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.#is('.')) {
        this.#take();
        steps.push(this.#name());
      } else if (this.#is('[')) {
        this.#take();
        if (!/^\d+$/.test(this.#peek() ?? '')) this.#refuse();
        steps.push(Number(this.#take()));
        this.#take(']');
      } else return { kind: 'path', steps };
    }
  }

  #name(): string {
    if (!this.#peek()?.startsWith('#')) this.#refuse();
    const name = this.#take();
    this.names.add(name);
    return name;
  }

  #list<T>(read: () => T): T[] {
    const list = [read()];
    while (this.#is(',')) {
      this.#take();
      list.push(read());
    }
    return list;
  }

  #peek = (): string | undefined => this.#tokens[this.#at];
  #is = (token: string): boolean => this.#peek() === token;

  #word(word: string): boolean {
    if (this.#peek()?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #take(expected?: string): string {
    const token = this.#peek();
    if (token === undefined || (expected !== undefined && token !== expected)) this.#refuse();
    this.#at += 1;
    return token as string;
  }

  #split(): string[] {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    const text = this.#text.trimEnd();
    while (TOKEN.lastIndex < text.length) {
      const left = text.slice(TOKEN.lastIndex).trimStart();
      const found = TOKEN.exec(text);
      if (!found) throw this.#error(`Syntax error; token: "${left[0]}", near: "${left.slice(0, 10)}"`);
      tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
    }
    return tokens;
  }

  #refuse(): never {
    const token = this.#peek() ?? '<EOF>';
    const near = this.#tokens.slice(Math.max(0, this.#at - 1), this.#at + 2).join(' ');
    throw this.#error(`Syntax error; token: "${token}", near: "${near}"`);
  }

  #error = (why: string): Error => validation(`Invalid ${this.#what}: ${why}`);
}

/** The code's expressions are few, and each is used again and again. */
function remembering<Tree>(read: (parser: Parser) => Tree): (what: string, text: string) => Parsed<Tree> {
  const known = new Map<string, Parsed<Tree>>();
  return (what, text) => {
    const before = known.get(text);
    if (before) return before;
    const parser = new Parser(what, text);
    const parsed = parser.whole(() => read(parser));
    known.set(text, parsed);
    return parsed;
  };
}

/** @throws ValidationException saying where it could not be read */
export const parseCondition = remembering((parser) => parser.disjunction());
/** @throws ValidationException saying where it could not be read */
export const parseUpdate = remembering((parser) => parser.update());
