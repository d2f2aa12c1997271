import { FUNCTIONS } from './math-functions.ts';
import { validation } from './inputs.ts';
import type { MathNode } from './math-parser.ts';

/** A metric or a result on a grid of periods; undefined where there is no data point. */
export interface TimeSeries {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
  /** Seconds; only metrics have one, results of expressions do not (`PERIOD` refuses them). */
  readonly metricPeriod?: number;
  /** How many samples are behind each data point; only of metrics. */
  readonly samples?: readonly number[];
}

export type MathValue = number | string | TimeSeries | readonly TimeSeries[];

/** What an expression is computed in: the grid, and the series that names and METRICS() stand for. */
export interface MathScope {
  /** Epoch seconds of the first period. */
  readonly start: number;
  readonly period: number;
  readonly length: number;
  /** The value of a query's id. */
  lookup(id: string): MathValue;
  /** All metrics of the request, by id; expressions are not among them. */
  metrics(): readonly { readonly id: string; readonly series: TimeSeries }[];
  /** Series that a SEARCH expression finds. */
  search(expression: string, statistic: string, period: number): readonly TimeSeries[];
}

export const isSeries = (value: MathValue): value is TimeSeries => typeof value === 'object' && !Array.isArray(value);
export const isArray = (value: MathValue): value is readonly TimeSeries[] => Array.isArray(value);

const truth = (holds: boolean): number => (holds ? 1 : 0);

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '>': (a, b) => truth(a > b),
  '<=': (a, b) => truth(a <= b),
  '>=': (a, b) => truth(a >= b),
  AND: (a, b) => truth(a !== 0 && b !== 0),
  OR: (a, b) => truth(a !== 0 || b !== 0),
};

const ARITHMETIC = new Set(['+', '-', '*', '/', '^']);

/**
 * Computes an expression. Semantics as in "Using math expressions with CloudWatch metrics": arithmetic on two series has a
 * data point only where both have one; a comparison or logical operator takes a point missing on one side as 0; what is
 * not finite (a division by zero) is no data point.
 *
 * @throws ValidationException for what CloudWatch would refuse
 */
export function evaluateMath(node: MathNode, scope: MathScope): MathValue {
  switch (node.is) {
    case 'number':
    case 'text':
      return node.value;
    case 'name':
      return scope.lookup(node.name);
    case 'array':
      return node.items.flatMap((item) => seriesOf(evaluateMath(item, scope)));
    case 'negative':
      return operate('-', 0, evaluateMath(node.of, scope));
    case 'operation':
      return operate(node.operator, evaluateMath(node.left, scope), evaluateMath(node.right, scope));
    case 'call':
      return call(node.name, node.args, scope);
  }
}

function call(name: string, args: readonly MathNode[], scope: MathScope): MathValue {
  const apply = FUNCTIONS[name.toUpperCase()];
  if (!apply) throw validation(`Unsupported function in metric math expression: ${name}`);
  return apply(args, scope);
}

export function seriesOf(value: MathValue): readonly TimeSeries[] {
  if (isArray(value)) return value;
  if (isSeries(value)) return [value];
  throw validation(`Expected a time series in a metric math expression, got ${JSON.stringify(value)}`);
}

function operate(operator: string, left: MathValue, right: MathValue): MathValue {
  if (typeof left === 'string' || typeof right === 'string') {
    throw validation(
      `Operator ${operator} does not take text, got ${JSON.stringify(left)} and ${JSON.stringify(right)}`,
    );
  }
  if (isArray(left)) return left.map((series) => pair(operator, series, one(right)));
  if (isArray(right)) return right.map((series) => pair(operator, one(left), series));
  if (typeof left === 'number' && typeof right === 'number') return OPERATORS[operator]!(left, right);
  return pair(operator, left, right);
}

function one(value: MathValue): number | TimeSeries {
  if (isArray(value) || typeof value === 'string') {
    throw validation('Operators between two arrays of time series are not supported in metric math expressions');
  }
  return value;
}

function pair(operator: string, left: number | TimeSeries, right: number | TimeSeries): TimeSeries {
  const compute = OPERATORS[operator]!;
  const at = (side: number | TimeSeries, i: number): number | undefined =>
    typeof side === 'number' ? side : side.values[i];
  const shape = typeof left === 'number' ? (right as TimeSeries) : left;
  const values = shape.values.map((_, i) => {
    let a = at(left, i);
    let b = at(right, i);
    if (!ARITHMETIC.has(operator) && typeof left !== 'number' && typeof right !== 'number' && (a ?? b) !== undefined) {
      a ??= 0;
      b ??= 0;
    }
    if (a === undefined || b === undefined) return undefined;
    const result = compute(a, b);
    return Number.isFinite(result) ? result : undefined;
  });
  return { label: shape.label, values };
}
