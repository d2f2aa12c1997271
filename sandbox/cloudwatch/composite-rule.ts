import { validation } from './inputs.ts';
import type { StateValue } from './evaluate.ts';

/** A composite alarm's rule: which states of which other alarms make it go into ALARM. */
export type RuleNode =
  | { readonly is: 'constant'; readonly value: boolean }
  | { readonly is: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly is: 'not'; readonly of: RuleNode }
  | { readonly is: 'and' | 'or'; readonly left: RuleNode; readonly right: RuleNode };

const TOKEN =
  /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*("(?:[^"\\]|\\.)*"|[^()"]*?)\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))/gy;

type Token = { readonly state: StateValue; readonly alarm: string } | string;

/**
 * Parses an alarm rule: `ALARM(name)`, `OK(…)`, `INSUFFICIENT_DATA(…)`, `TRUE`, `FALSE`, `AND`, `OR`, `NOT`, parentheses.
 * Alarms are named by name or ARN, with or without quotes. AND binds tighter than OR, NOT tightest.
 *
 * @throws ValidationException naming the place that could not be understood
 */
export function parseAlarmRule(rule: string): RuleNode {
  const tokens = tokensOf(rule);
  let at = 0;
  const take = (word: string): boolean => tokens[at] === word && ++at > 0;
  const fail = (): Error => validation(`AlarmRule is invalid: unexpected ${describe(tokens[at])} in '${rule}'.`);

  function or(): RuleNode {
    let left = and();
    while (take('OR')) left = { is: 'or', left, right: and() };
    return left;
  }
  function and(): RuleNode {
    let left = not();
    while (take('AND')) left = { is: 'and', left, right: not() };
    return left;
  }
  function not(): RuleNode {
    if (take('NOT')) return { is: 'not', of: not() };
    if (take('(')) {
      const inner = or();
      if (!take(')')) throw fail();
      return inner;
    }
    const token = tokens[at];
    if (typeof token === 'object') {
      at += 1;
      return { is: 'state', ...token };
    }
    if (take('TRUE')) return { is: 'constant', value: true };
    if (take('FALSE')) return { is: 'constant', value: false };
    throw fail();
  }

  const node = or();
  if (at < tokens.length) throw fail();
  return node;
}

const describe = (token: Token | undefined): string =>
  token === undefined ? 'end' : typeof token === 'string' ? token : `${token.state}(${token.alarm})`;

function tokensOf(rule: string): readonly Token[] {
  const tokens: Token[] = [];
  const text = rule.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      throw validation(`AlarmRule is invalid: unexpected '${text.slice(from, from + 20).trim()}' in '${rule}'.`);
    const [, state, name, word, parenthesis] = match;
    if (state) tokens.push({ state: state as StateValue, alarm: nameOf(name!) });
    else tokens.push((word ?? parenthesis)!);
  }
  return tokens;
}

/** The alarm's name, from a name or an ARN, with or without quotes. */
function nameOf(text: string): string {
  const plain = text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
  return alarmNameOf(plain);
}

/** `arn:aws:cloudwatch:us-east-1:123456789012:alarm:Name` is the alarm `Name`. */
export const alarmNameOf = (nameOrArn: string): string =>
  /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;

/** Whether the rule holds. An alarm that does not exist is in no state. */
export function ruleHolds(node: RuleNode, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (node.is) {
    case 'constant':
      return node.value;
    case 'state':
      return stateOf(node.alarm) === node.state;
    case 'not':
      return !ruleHolds(node.of, stateOf);
    case 'and':
      return ruleHolds(node.left, stateOf) && ruleHolds(node.right, stateOf);
    case 'or':
      return ruleHolds(node.left, stateOf) || ruleHolds(node.right, stateOf);
  }
}

/** The alarms a rule names, each once. */
export function alarmsIn(node: RuleNode): readonly string[] {
  switch (node.is) {
    case 'constant':
      return [];
    case 'state':
      return [node.alarm];
    case 'not':
      return alarmsIn(node.of);
    case 'and':
    case 'or':
      return [...new Set([...alarmsIn(node.left), ...alarmsIn(node.right)])];
  }
}
