import { evaluateMath, seriesOf, type MathScope, type MathValue, type TimeSeries } from './math.ts';
import { calls, namesIn, parseMath, type MathNode } from './math-parser.ts';
import { invalidValue, validation } from './inputs.ts';
import { findMetrics } from './search.ts';
import { needsValues, statisticOf } from './statistics.ts';
import type { Dimension, MetricId, MetricStore, Periods } from './metric-store.ts';

/** A metric or an expression, as `GetMetricData` and `PutMetricAlarm` take it. */
export interface MetricDataQuery {
  readonly Id: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly Period?: number;
  readonly Expression?: string;
  readonly MetricStat?: MetricStat;
  readonly AccountId?: string;
}

export interface MetricStat {
  readonly Metric: {
    readonly Namespace?: string;
    readonly MetricName?: string;
    readonly Dimensions?: readonly Dimension[];
  };
  readonly Period: number;
  readonly Stat: string;
  readonly Unit?: string;
}

/** What one query of a request answers: one series, or several (an expression that gives an array). */
export interface QueryResult {
  readonly query: MetricDataQuery;
  /** Seconds. */
  readonly period: number;
  readonly series: readonly TimeSeries[];
}

export const metricIdOf = (stat: MetricStat) => ({
  namespace: stat.Metric.Namespace ?? '',
  metricName: stat.Metric.MetricName ?? '',
  dimensions: stat.Metric.Dimensions ?? [],
});

/** Queries that have been parsed and checked once, and can be computed often. */
export class QuerySet {
  readonly queries: readonly MetricDataQuery[];
  readonly #byId: ReadonlyMap<string, MetricDataQuery>;
  readonly #parsed: ReadonlyMap<string, MathNode>;
  readonly #metrics = new WeakMap<MetricStat, MetricId>();
  readonly #periods = new Map<string, number>();
  readonly #store: MetricStore;

  /** @throws ValidationException when ids, forms or references are not right */
  constructor(queries: readonly MetricDataQuery[], store: MetricStore) {
    this.queries = queries;
    this.#store = store;
    this.#byId = new Map(queries.map((query) => [query.Id, query]));
    if (this.#byId.size < queries.length)
      throw validation('The values for parameter Id in MetricDataQueries are not unique.');
    queries.forEach(checkQuery);
    this.#parsed = new Map(
      queries.flatMap((q) => (q.Expression === undefined ? [] : [[q.Id, parseMath(q.Expression)]])),
    );
    for (const query of queries) this.#checkReferences(query.Id, []);
  }

  /** Seconds: a metric's own period; an expression's is its own or else the longest of what it refers to. */
  periodOf(id: string): number {
    const known = this.#periods.get(id);
    if (known !== undefined) return known;
    const period = this.#longestPeriodOf(id);
    this.#periods.set(id, period);
    return period;
  }

  #longestPeriodOf(id: string): number {
    const query = this.#byId.get(id)!;
    if (query.MetricStat) return query.MetricStat.Period;
    const inner = this.#metricsUnder(id).map((q) => q.MetricStat!.Period);
    return inner.length > 0 ? Math.max(...inner) : (query.Period ?? 60);
  }

  usesSearch(id: string): boolean {
    const node = this.#parsed.get(id);
    return node !== undefined && calls(node, 'SEARCH');
  }

  compute(id: string, window: Periods): QueryResult {
    const query = this.#byId.get(id)!;
    const value = this.#value(id, window, new Map());
    if (typeof value === 'number' || typeof value === 'string') {
      throw validation(`The expression of ${id} must give a time series, got ${JSON.stringify(value)}.`);
    }
    const found = seriesOf(value);
    const label = query.Label ?? (query.Expression !== undefined && !this.usesSearch(id) ? id : undefined);
    const series = found.map((s) => ({
      ...s,
      label: label === undefined ? s.label : found.length > 1 ? `${label} ${s.label}` : label,
    }));
    return { query, period: window.period, series };
  }

  #value(id: string, window: Periods, known: Map<string, MathValue>): MathValue {
    const before = known.get(id);
    if (before !== undefined) return before;
    const query = this.#byId.get(id);
    if (!query) throw validation(`The expression refers to ${id}, which is no Id of the request.`);
    const node = this.#parsed.get(id);
    const value = node ? evaluateMath(node, this.#scope(window, known)) : this.#metric(query.MetricStat!, window);
    known.set(id, value);
    return value;
  }

  #scope(window: Periods, known: Map<string, MathValue>): MathScope {
    return {
      ...window,
      lookup: (id) => this.#value(id, window, known),
      metrics: () =>
        this.queries
          .filter((q) => q.MetricStat)
          .map((q) => ({ id: q.Id, series: this.#value(q.Id, window, known) as TimeSeries })),
      search: (expression, statistic, period) =>
        findMetrics(this.#store, expression).map((m) => ({
          ...this.#metric(
            {
              Metric: { Namespace: m.namespace, MetricName: m.metricName, Dimensions: m.dimensions },
              Period: period,
              Stat: statistic,
            },
            window,
          ),
          label: m.label,
        })),
    };
  }

  #metric(stat: MetricStat, window: Periods): TimeSeries {
    const compute = statisticOf(stat.Stat);
    let id = this.#metrics.get(stat);
    if (!id) this.#metrics.set(stat, (id = metricIdOf(stat)));
    const distributions = this.#store.read(id, stat.Unit, window, needsValues(stat.Stat));
    return {
      label: stat.Metric.MetricName ?? '',
      values: distributions.map((d) => (d ? compute(d) : undefined)),
      metricPeriod: stat.Period,
      samples: distributions.map((d) => d?.count ?? 0),
    };
  }

  #metricsUnder(id: string): readonly MetricDataQuery[] {
    const query = this.#byId.get(id);
    if (!query) return [];
    if (query.MetricStat) return [query];
    const node = this.#parsed.get(id)!;
    if (calls(node, 'METRICS')) return this.queries.filter((q) => q.MetricStat);
    return namesIn(node).flatMap((name) => this.#metricsUnder(name));
  }

  #checkReferences(id: string, path: readonly string[]): void {
    if (path.includes(id))
      throw validation(`Circular reference in metric math expressions: ${[...path, id].join(' -> ')}.`);
    const node = this.#parsed.get(id);
    for (const name of node ? namesIn(node) : []) {
      if (this.#byId.has(name)) this.#checkReferences(name, [...path, id]);
      else if (!KEYWORDS.has(name))
        throw validation(`Invalid metrics list: expression of ${id} refers to unknown Id ${name}.`);
    }
  }
}

/** Bare words that functions take as arguments. */
const KEYWORDS = new Set(['REPEAT', 'LINEAR', 'AVG', 'MIN', 'MAX', 'SUM', 'ASC', 'DESC']);

function checkQuery(query: MetricDataQuery): void {
  if (!/^[a-z][A-Za-z0-9_]*$/.test(query.Id)) {
    throw validation(`The value ${query.Id} for parameter Id is invalid: it must begin with a lowercase letter.`);
  }
  if ((query.Expression === undefined) === (query.MetricStat === undefined)) {
    throw validation(`Metric data query ${query.Id} must have exactly one of Expression and MetricStat.`);
  }
  if (!query.MetricStat) return;
  const { Metric, Period, Stat } = query.MetricStat;
  if (!Metric?.Namespace || !Metric.MetricName)
    throw validation(`Metric data query ${query.Id} must name Namespace and MetricName.`);
  checkPeriod(Period);
  statisticOf(Stat);
}

/** Periods of metrics: 1, 5, 10, 20, 30, or a multiple of 60 seconds. */
export function checkPeriod(period: number): void {
  if ([1, 5, 10, 20, 30].includes(period) || (Number.isInteger(period) && period > 0 && period % 60 === 0)) return;
  throw invalidValue(
    `The value ${period} for parameter Period is invalid: must be 1, 5, 10, 20, 30 or a multiple of 60.`,
  );
}
