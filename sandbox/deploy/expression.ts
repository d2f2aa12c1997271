/** A value in a CloudFormation template: plain JSON in which intrinsic functions may stand. */
export type Expression =
  string | number | boolean | null | readonly Expression[] | { readonly [name: string]: Expression };

/** A resource as the template declares it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Expression>>;
  readonly Condition?: string;
  readonly DependsOn?: Expression;
  readonly [attribute: string]: Expression | undefined;
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type?: string }>>;
  readonly Outputs?: Readonly<Record<string, Expression>>;
  readonly Conditions?: Readonly<Record<string, Expression>>;
  readonly [section: string]: unknown;
}

/** The one entry of an intrinsic function, e.g. `['Ref', 'Table']`; `undefined` for plain values. */
export function intrinsic(value: Expression): readonly [name: string, argument: Expression] | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length !== 1 || only === undefined) return undefined;
  return only[0] === 'Ref' || only[0].startsWith('Fn::') ? [only[0], only[1] as Expression] : undefined;
}

/** `Fn::GetAtt` as logical id and attribute, whether written as a list or with a dot. */
export function getAttTarget(argument: Expression): readonly [id: string, attribute: string] | undefined {
  if (Array.isArray(argument)) return [String(argument[0]), String(argument[1])];
  if (typeof argument !== 'string') return undefined;
  const dot = argument.indexOf('.');
  return [argument.slice(0, dot), argument.slice(dot + 1)];
}

/** Texts and expressions one after the other; plain text where all are plain. */
export function concat(...parts: readonly Expression[]): Expression {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  return { 'Fn::Join': ['', parts] };
}

/** Applies `change` to each value inside, outermost first; what it answers replaces the value, `undefined` descends. */
export function rewriteEach(value: Expression, change: (value: Expression) => Expression | undefined): Expression {
  const changed = change(value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((each: Expression) => rewriteEach(each, change));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, rewriteEach(each as Expression, change)]),
    );
  }
  return value;
}
