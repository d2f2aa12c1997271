/** A statement of a policy document, each element as a list. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Some;
  readonly resources: Some;
  readonly conditions: readonly Condition[];
  /** ARNs, account ids, services or `*`; `undefined` in a policy of an identity. */
  readonly principals: readonly string[] | undefined;
}

/** What an element names, or (`NotAction`, `NotResource`) all but what it names. */
export interface Some {
  readonly but: boolean;
  readonly patterns: readonly string[];
}

/** One key of one operator of a `Condition` element. */
export interface Condition {
  /** As written, e.g. `ForAnyValue:StringLike`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Elements that say nothing about what is allowed. */
const SILENT = ['Sid'];
const KNOWN = [...SILENT, 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition', 'Principal'];

/**
 * Reads a policy document, as JSON or as text of it.
 * @throws Error for what it does not understand: a right must not be judged by half of what is written
 */
export function parsePolicy(document: unknown): Statement[] {
  const { Statement: statements } = recordOf(typeof document === 'string' ? JSON.parse(document) : document);
  return listOf(statements).map((each) => parseStatement(recordOf(each)));
}

function parseStatement(statement: Readonly<Record<string, unknown>>): Statement {
  const unknown = Object.keys(statement).find((element) => !KNOWN.includes(element));
  if (unknown !== undefined) throw new Error(`a policy statement has an element ${unknown}, which is not known here`);
  const { Effect: effect, Principal: principal, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny')
    throw new Error(`a policy statement allows or denies, got Effect ${String(effect)}`);
  return {
    effect,
    actions: some(statement, 'Action') ?? refuse('names no Action'),
    // A resource's own policy may leave its resource out, a trust policy has to.
    resources: some(statement, 'Resource') ?? (principal === undefined ? refuse('names no Resource') : ANYTHING),
    conditions: conditionsOf(recordOf(condition ?? {})),
    principals: principal === undefined ? undefined : principalsOf(principal),
  };
}

const ANYTHING: Some = { but: false, patterns: ['*'] };

function refuse(problem: string): never {
  throw new Error(`a policy statement ${problem}`);
}

function some(statement: Readonly<Record<string, unknown>>, element: string): Some | undefined {
  const but = statement[`Not${element}`];
  const named = but ?? statement[element];
  return named === undefined ? undefined : { but: but !== undefined, patterns: listOf(named).map(String) };
}

function conditionsOf(operators: Readonly<Record<string, unknown>>): Condition[] {
  return Object.entries(operators).flatMap(([operator, keys]) =>
    Object.entries(recordOf(keys)).map(([key, values]) => ({ operator, key, values: listOf(values).map(String) })),
  );
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === 'string') return [principal];
  return Object.values(recordOf(principal)).flatMap((each) => listOf(each).map(String));
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`a policy document holds objects, got ${JSON.stringify(value)}`);
}
