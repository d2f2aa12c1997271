import { createHash } from 'node:crypto';
import { intrinsic, type Expression, type Template, type TemplateResource } from './expression.ts';

const between = '\u001f';
const withinList = '\u001e';

/** A value with holes: `{ hole: n }` stands for the n-th value that the emulator works out. */
export type Skeleton =
  | string
  | number
  | boolean
  | null
  | readonly Skeleton[]
  | { readonly hole: number; readonly list: boolean }
  | { readonly when: number; readonly then: Skeleton; readonly otherwise: Skeleton }
  | { readonly object: Readonly<Record<string, Skeleton>> }
  | { readonly nothing: true };

const digestOf = (template: Template): string => createHash('sha256').update(JSON.stringify(template)).digest('hex');

/** Collects the expressions of a template whose values are needed after the deploy, and puts them into their places then. */
export class Holes {
  readonly #template: Template;
  readonly #carrier: string;
  readonly #expressions: Expression[] = [];
  readonly #index = new Map<string, number>();

  constructor(template: Template, carrier: string) {
    this.#template = template;
    this.#carrier = carrier;
  }

  /** Expressions inside a resource with a condition have no value when that is false. */
  within(condition: string | undefined): { skeleton(value: Expression): Skeleton } {
    const guards = condition === undefined ? [] : [{ condition, holds: true }];
    return { skeleton: (value) => this.#skeleton(value, guards) };
  }

  /** A hole that will hold `'true'` or `'false'`. */
  condition(name: string): Skeleton {
    return { hole: this.#number({ 'Fn::If': [name, 'true', 'false'] }), list: false };
  }

  /** The resource that carries the values. */
  resource(stackName: string): TemplateResource {
    return {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: `${stackName}-${this.#carrier}`,
        // The digest makes every change of the original a change for the emulator too, which is not given all of it.
        DashboardBody: { 'Fn::Join': [between, [digestOf(this.#template), ...this.#expressions]] },
      },
    };
  }

  /** Fills the holes with what the carrier brought back. `undefined` for what the template left out (AWS::NoValue). */
  fill(skeleton: Skeleton, carried: string): unknown {
    const values = carried.split(between).slice(1);
    const fill = (part: Skeleton): unknown => {
      if (part === null || typeof part !== 'object') return part;
      if (isList(part)) return part.map(fill).filter((each) => each !== undefined);
      if ('nothing' in part) return undefined;
      if ('when' in part) return fill(values[part.when] === 'true' ? part.then : part.otherwise);
      if ('object' in part) return filled(part.object, fill);
      const value = values[part.hole] ?? '';
      return part.list ? value.split(withinList).filter((each) => each !== '') : value;
    };
    return fill(skeleton);
  }

  #skeleton(value: Expression, guards: readonly Guard[]): Skeleton {
    if (typeof value === 'string' && value.includes('{{resolve:')) return this.#hole(value, guards, false);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((each: Expression) => this.#skeleton(each, guards));
    const [name, argument] = intrinsic(value) ?? [];
    if (name === undefined || argument === undefined) return this.#object(value as Record<string, Expression>, guards);
    if (name === 'Ref' && argument === 'AWS::NoValue') return { nothing: true };
    if (name === 'Fn::If' && Array.isArray(argument))
      return this.#choice(argument as [string, Expression, Expression], guards);
    return this.#hole(value, guards, this.#isList(name, argument));
  }

  #object(value: Record<string, Expression>, guards: readonly Guard[]): Skeleton {
    return {
      object: Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#skeleton(each, guards)])),
    };
  }

  #choice([condition, then, otherwise]: [string, Expression, Expression], guards: readonly Guard[]): Skeleton {
    return {
      when: this.#number({ 'Fn::If': [condition, 'true', 'false'] }),
      then: this.#skeleton(then, [...guards, { condition, holds: true }]),
      otherwise: this.#skeleton(otherwise, [...guards, { condition, holds: false }]),
    };
  }

  #hole(expression: Expression, guards: readonly Guard[], list: boolean): Skeleton {
    const text: Expression = list ? { 'Fn::Join': [withinList, expression] } : expression;
    const guarded = guards.reduceRight<Expression>(
      (inner, { condition, holds }) => ({ 'Fn::If': holds ? [condition, inner, ''] : [condition, '', inner] }),
      text,
    );
    return { hole: this.#number(guarded), list };
  }

  #number(expression: Expression): number {
    const key = JSON.stringify(expression);
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#expressions.push(expression);
    this.#index.set(key, this.#expressions.length - 1);
    return this.#expressions.length - 1;
  }

  #isList(name: string, argument: Expression): boolean {
    if (['Fn::Split', 'Fn::GetAZs', 'Fn::Cidr'].includes(name)) return true;
    const type =
      name === 'Ref' && typeof argument === 'string' ? this.#template.Parameters?.[argument]?.Type : undefined;
    return type === 'CommaDelimitedList' || type?.startsWith('List<') === true;
  }
}

interface Guard {
  readonly condition: string;
  readonly holds: boolean;
}

const isList = (part: Skeleton): part is readonly Skeleton[] => Array.isArray(part);

function filled(
  object: Readonly<Record<string, Skeleton>>,
  fill: (part: Skeleton) => unknown,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(object)) {
    const value = fill(each);
    if (value !== undefined) result[name] = value;
  }
  return result;
}
