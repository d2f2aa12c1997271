import { validation } from './inputs.ts';

/** A parsed metric-math expression. */
export type MathNode =
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'array'; readonly items: readonly MathNode[] }
  | { readonly is: 'negative'; readonly of: MathNode }
  | { readonly is: 'operation'; readonly operator: string; readonly left: MathNode; readonly right: MathNode }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly MathNode[] };

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z][A-Za-z0-9_]*)|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

/** Binary operators by precedence, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['OR'],
  ['AND'],
  ['==', '!=', '<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];
const SPELLINGS: Readonly<Record<string, string>> = { '||': 'OR', '&&': 'AND' };

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'symbol' | 'end';
  readonly text: string;
}

/**
 * Parses a metric-math expression, as documented in "Using math expressions with CloudWatch metrics".
 *
 * @throws ValidationException naming the expression and the place it could not be understood at
 */
export function parseMath(expression: string): MathNode {
  const parser = new MathParser(expression);
  return parser.whole();
}

class MathParser {
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokensOf(expression);
  }

  whole(): MathNode {
    const node = this.#level(0);
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return node;
  }

  #level(level: number): MathNode {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = operatorOf(this.#peek());
      if (!operator || !operators.includes(operator)) return left;
      this.#at += 1;
      left = { is: 'operation', operator, left, right: this.#level(level + 1) };
    }
  }

  #unary(): MathNode {
    if (this.#take('-')) return { is: 'negative', of: this.#unary() };
    if (this.#take('+')) return this.#unary();
    return this.#primary();
  }

  #primary(): MathNode {
    const token = this.#peek();
    if (this.#take('(')) {
      const node = this.#level(0);
      if (!this.#take(')')) throw this.#unexpected();
      return node;
    }
    if (this.#take('[')) return { is: 'array', items: this.#list(']') };
    this.#at += 1;
    if (token.kind === 'number') return { is: 'number', value: Number(token.text) };
    if (token.kind === 'text') return { is: 'text', value: token.text.slice(1, -1).replace(/\\(.)/g, '$1') };
    if (token.kind !== 'word') {
      this.#at -= 1;
      throw this.#unexpected();
    }
    return this.#take('(') ? { is: 'call', name: token.text, args: this.#list(')') } : { is: 'name', name: token.text };
  }

  #list(end: string): readonly MathNode[] {
    const items: MathNode[] = [];
    if (this.#take(end)) return items;
    for (;;) {
      items.push(this.#level(0));
      if (this.#take(end)) return items;
      if (!this.#take(',')) throw this.#unexpected();
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end' };
  }

  #take(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#at += 1;
    return true;
  }

  #unexpected(): Error {
    return validation(`Error in expression '${this.#expression}': unexpected ${this.#peek().text}`);
  }
}

/** `AND` and `OR` are words; all other operators are symbols. */
function operatorOf(token: Token): string | undefined {
  if (token.kind === 'word') return token.text === 'AND' || token.text === 'OR' ? token.text : undefined;
  return token.kind === 'symbol' ? (SPELLINGS[token.text] ?? token.text) : undefined;
}

function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      throw validation(`Error in expression '${expression}': unexpected ${text.slice(from, from + 10).trim()}`);
    const [, number, quoted, word, symbol] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'symbol', text: symbol! });
  }
  return tokens;
}

/** The ids that an expression refers to. */
export function namesIn(node: MathNode): readonly string[] {
  switch (node.is) {
    case 'name':
      return [node.name];
    case 'array':
      return node.items.flatMap(namesIn);
    case 'negative':
      return namesIn(node.of);
    case 'operation':
      return [...namesIn(node.left), ...namesIn(node.right)];
    case 'call':
      return node.args.flatMap(namesIn);
    default:
      return [];
  }
}

/** Whether an expression calls a function anywhere. */
export function calls(node: MathNode, name: string): boolean {
  switch (node.is) {
    case 'array':
      return node.items.some((item) => calls(item, name));
    case 'negative':
      return calls(node.of, name);
    case 'operation':
      return calls(node.left, name) || calls(node.right, name);
    case 'call':
      return node.name === name || node.args.some((arg) => calls(arg, name));
    default:
      return false;
  }
}
