import { validation } from './inputs.ts';
import { evaluateMath, isArray, isSeries, seriesOf, type MathScope, type MathValue, type TimeSeries } from './math.ts';
import type { MathNode } from './math-parser.ts';

type Points = readonly (number | undefined)[];
type MathFunction = (args: readonly MathNode[], scope: MathScope) => MathValue;

/** Summarises the data points that exist; undefined for none. */
type Summary = (present: readonly number[], outOf: number) => number | undefined;

const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));

const SUMMARIES: Readonly<Record<string, Summary>> = {
  SUM: (v) => (v.length > 0 ? sum(v) : undefined),
  MIN: (v) => (v.length > 0 ? v.reduce((a, b) => Math.min(a, b)) : undefined),
  MAX: (v) => (v.length > 0 ? v.reduce((a, b) => Math.max(a, b)) : undefined),
  // Over an array, a series without a point at that time counts as 0 (documented for AVG).
  AVG: (v, outOf) => (v.length > 0 ? sum(v) / outOf : undefined),
  STDDEV: (v) => (v.length > 0 ? deviation(v) : undefined),
  DATAPOINT_COUNT: (v) => v.length,
};

const isPoint = (value: number | undefined): value is number => value !== undefined;

function summary(name: string): MathFunction {
  const compute = SUMMARIES[name]!;
  return (args, scope) => {
    const value = argument(name, args, 0, scope);
    if (isSeries(value)) {
      const present = value.values.filter(isPoint);
      return compute(present, present.length) ?? 0;
    }
    if (!isArray(value)) throw expects(name, 'a time series or an array of time series', value);
    const values = grid(scope, (i) => compute(value.map((s) => s.values[i]).filter(isPoint), value.length));
    return { label: name, values };
  };
}

/** Applies a function to a series, to each series of an array, or to a number. */
function each(name: string, compute: (points: Points, scope: MathScope) => Points): MathFunction {
  return (args, scope) => {
    const value = argument(name, args, 0, scope);
    if (typeof value === 'number') return compute([value], scope)[0] ?? 0;
    const mapped = seriesOf(value).map((s) => ({ label: s.label, values: compute(s.values, scope) }));
    return isArray(value) ? mapped : mapped[0]!;
  };
}

const pointwise = (name: string, compute: (value: number) => number): MathFunction =>
  each(name, (points) =>
    points.map((v) => {
      const result = v === undefined ? Number.NaN : compute(v);
      return Number.isFinite(result) ? result : undefined;
    }),
  );

/** Compares each data point with the one before it, however long ago that was. */
const withPrevious = (
  name: string,
  compute: (value: number, previous: number, seconds: number) => number,
): MathFunction =>
  each(name, (points, scope) => {
    let previous: { value: number; at: number } | undefined;
    return points.map((value, at) => {
      if (value === undefined) return undefined;
      const before = previous;
      previous = { value, at };
      return before && compute(value, before.value, (at - before.at) * scope.period);
    });
  });

const runningSum = each('RUNNING_SUM', (points) => {
  let total = 0;
  return points.map((v) => (v === undefined ? undefined : (total += v)));
});

function metrics(args: readonly MathNode[], scope: MathScope): MathValue {
  const contained = args.length === 0 ? '' : argument('METRICS', args, 0, scope);
  if (typeof contained !== 'string') throw expects('METRICS', 'text or nothing', contained);
  return scope
    .metrics()
    .filter((m) => m.id.includes(contained))
    .map((m) => m.series);
}

function fill(args: readonly MathNode[], scope: MathScope): MathValue {
  const value = argument('FILL', args, 0, scope);
  const node = args[1];
  if (!node) throw validation('FILL takes two arguments, got 1');
  const word = node.is === 'name' ? node.name : undefined;
  const filler = word === 'REPEAT' || word === 'LINEAR' ? word : evaluateMath(node, scope);
  const filled = seriesOf(value).map((s) => ({ ...s, values: fillPoints(s.values, filler) }));
  return isArray(value) ? filled : filled[0]!;
}

function fillPoints(points: Points, filler: MathValue): Points {
  if (filler === 'REPEAT') {
    let last: number | undefined;
    return points.map((v) => (last = v ?? last));
  }
  if (filler === 'LINEAR') return points.map((v, i) => v ?? between(points, i));
  if (isSeries(filler)) return points.map((v, i) => v ?? filler.values[i]);
  if (typeof filler !== 'number') throw expects('FILL', 'a number, a time series, REPEAT or LINEAR', filler);
  return points.map((v) => v ?? filler);
}

function between(points: Points, i: number): number | undefined {
  const before = points.slice(0, i).findLastIndex(isPoint);
  const offset = points.slice(i).findIndex(isPoint);
  if (before < 0 || offset < 0) return undefined;
  const share = (i - before) / (i + offset - before);
  return points[before]! + (points[i + offset]! - points[before]!) * share;
}

/** `IF(condition, then, else)`, in the forms and with the missing-data rules of "Using IF expressions". */
function conditional(args: readonly MathNode[], scope: MathScope): MathValue {
  const condition = argument('IF', args, 0, scope);
  const then = argument('IF', args, 1, scope);
  const otherwise = args.length > 2 ? argument('IF', args, 2, scope) : undefined;
  const nothing: TimeSeries = { label: 'IF', values: grid(scope, () => undefined) };
  if (typeof condition === 'number') return condition === 0 ? (otherwise ?? nothing) : then;
  if (!isSeries(condition)) throw expects('IF', 'a time series or a number as its condition', condition);
  const values = condition.values.map((c, i) => {
    if (c === undefined) return undefined;
    if (c === 0) return otherwise === undefined ? undefined : pointOf(otherwise, i);
    return pointOf(then, i) ?? 0;
  });
  return { label: isSeries(then) ? then.label : condition.label, values };
}

function pointOf(value: MathValue, i: number): number | undefined {
  if (typeof value === 'number') return value;
  if (isSeries(value)) return value.values[i];
  throw expects('IF', 'a time series or a number', value);
}

function period(args: readonly MathNode[], scope: MathScope): MathValue {
  const value = argument('PERIOD', args, 0, scope);
  if (!isSeries(value) || value.metricPeriod === undefined) throw expects('PERIOD', 'a metric', value);
  return value.metricPeriod;
}

function timeSeries(args: readonly MathNode[], scope: MathScope): MathValue {
  const value = argument('TIME_SERIES', args, 0, scope);
  if (typeof value !== 'number') throw expects('TIME_SERIES', 'a number', value);
  return { label: 'TIME_SERIES', values: grid(scope, () => value) };
}

const inTime = (name: string, compute: (at: Date) => number): MathFunction => {
  return (args, scope) => {
    argument(name, args, 0, scope);
    return { label: name, values: grid(scope, (i) => compute(new Date((scope.start + i * scope.period) * 1000))) };
  };
};

function search(args: readonly MathNode[], scope: MathScope): MathValue {
  const [expression, statistic, seconds] = args.map((arg) => evaluateMath(arg, scope));
  if (typeof expression !== 'string' || typeof statistic !== 'string') {
    throw validation("SEARCH takes a quoted search expression and a statistic: SEARCH('{AWS/ECS} CPU', 'Average', 60)");
  }
  return scope.search(expression, statistic, typeof seconds === 'number' ? seconds : scope.period);
}

/** `SORT(series[], AVG | MIN | MAX | SUM, ASC | DESC, limit?)` */
function sort(args: readonly MathNode[], scope: MathScope): MathValue {
  const series = seriesOf(argument('SORT', args, 0, scope));
  const [by, order] = [args[1], args[2]].map((node) => (node?.is === 'name' ? node.name.toUpperCase() : ''));
  const compute = SUMMARIES[by!];
  if (!compute || (order !== 'ASC' && order !== 'DESC'))
    throw validation('SORT takes AVG, MIN, MAX or SUM, then ASC or DESC');
  const rank = (s: TimeSeries): number => {
    const present = s.values.filter(isPoint);
    return compute(present, present.length) ?? -Infinity;
  };
  const sorted = [...series].sort((a, b) => (order === 'ASC' ? rank(a) - rank(b) : rank(b) - rank(a)));
  return args[3] ? sorted.slice(0, number('SORT', args, 3, scope)) : sorted;
}

function slice(args: readonly MathNode[], scope: MathScope): MathValue {
  const series = seriesOf(argument('SLICE', args, 0, scope));
  return series.slice(number('SLICE', args, 1, scope), args[2] ? number('SLICE', args, 2, scope) : undefined);
}

const nth =
  (name: string, index: number): MathFunction =>
  (args, scope) => {
    const found = seriesOf(argument(name, args, 0, scope)).at(index);
    if (!found) throw expects(name, 'an array with at least one time series', []);
    return found;
  };

function grid(scope: MathScope, point: (i: number) => number | undefined): Points {
  return Array.from({ length: scope.length }, (_, i) => point(i));
}

function argument(name: string, args: readonly MathNode[], index: number, scope: MathScope): MathValue {
  const node = args[index];
  if (!node) throw validation(`${name} takes at least ${index + 1} argument(s), got ${args.length}`);
  return evaluateMath(node, scope);
}

function number(name: string, args: readonly MathNode[], index: number, scope: MathScope): number {
  const value = argument(name, args, index, scope);
  if (typeof value !== 'number') throw expects(name, 'a number', value);
  return value;
}

const expects = (name: string, what: string, got: unknown): Error =>
  validation(
    `${name} expects ${what}, got ${typeof got === 'object' ? (isArray(got as MathValue) ? 'an array' : 'a time series') : JSON.stringify(got)}`,
  );

/** The functions of metric math that this CloudWatch knows, by name. */
export const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: pointwise('ABS', Math.abs),
  CEIL: pointwise('CEIL', Math.ceil),
  FLOOR: pointwise('FLOOR', Math.floor),
  LOG: pointwise('LOG', Math.log),
  LOG10: pointwise('LOG10', Math.log10),
  SUM: summary('SUM'),
  MIN: summary('MIN'),
  MAX: summary('MAX'),
  AVG: summary('AVG'),
  STDDEV: summary('STDDEV'),
  DATAPOINT_COUNT: summary('DATAPOINT_COUNT'),
  DIFF: withPrevious('DIFF', (value, previous) => value - previous),
  DIFF_TIME: withPrevious('DIFF_TIME', (_value, _previous, seconds) => seconds),
  RATE: withPrevious('RATE', (value, previous, seconds) => (value - previous) / seconds),
  RUNNING_SUM: runningSum,
  METRICS: metrics,
  METRIC_COUNT: (args, scope) => seriesOf(argument('METRIC_COUNT', args, 0, scope)).length,
  REMOVE_EMPTY: (args, scope) =>
    seriesOf(argument('REMOVE_EMPTY', args, 0, scope)).filter((s) => s.values.some(isPoint)),
  FILL: fill,
  IF: conditional,
  PERIOD: period,
  TIME_SERIES: timeSeries,
  EPOCH: inTime('EPOCH', (at) => at.getTime() / 1000),
  MINUTE: inTime('MINUTE', (at) => at.getUTCMinutes()),
  HOUR: inTime('HOUR', (at) => at.getUTCHours()),
  DAY: inTime('DAY', (at) => at.getUTCDay() || 7),
  DATE: inTime('DATE', (at) => at.getUTCDate()),
  MONTH: inTime('MONTH', (at) => at.getUTCMonth() + 1),
  YEAR: inTime('YEAR', (at) => at.getUTCFullYear()),
  SEARCH: search,
  SORT: sort,
  SLICE: slice,
  FIRST: nth('FIRST', 0),
  LAST: nth('LAST', -1),
};
