import { validation } from './inputs.ts';
import type { MetricId, MetricStore } from './metric-store.ts';

/** A metric that a search found; `label` tells it from the others found. */
export interface FoundMetric extends MetricId {
  readonly label: string;
}

/**
 * Metrics that a SEARCH expression matches: `{Namespace, DimensionName, …} terms`. Without the part in braces, every
 * namespace is searched. Terms are all required; `Name="value"` matches exactly, other words match a part of the metric's
 * name, namespace or dimension values, as tokens. `OR`, `NOT` and parentheses are refused.
 *
 * @throws ValidationException for a search this CloudWatch cannot do
 */
export function findMetrics(store: MetricStore, expression: string): readonly FoundMetric[] {
  const match = /^\s*(?:\{([^}]*)\})?\s*(.*)$/s.exec(expression);
  const schema = (match?.[1] ?? '').split(',').map((part) => part.trim().replace(/^"|"$/g, ''));
  const terms = [...(match?.[2] ?? '').matchAll(/(?:(\w+)\s*=\s*)?(?:"([^"]*)"|([^\s"]+))/g)];
  const [namespace = '', ...dimensionNames] = schema;
  return store
    .list()
    .filter((m) => namespace === '' || (m.namespace === namespace && sameNames(m, dimensionNames)))
    .filter((m) => terms.every((term) => matches(m, term)))
    .map((m) => ({ ...m, label: [...m.dimensions.map((d) => d.Value), m.metricName].join(' ') }));
}

function sameNames(metric: MetricId, names: readonly string[]): boolean {
  return metric.dimensions.length === names.length && metric.dimensions.every((d) => names.includes(d.Name));
}

function matches(metric: MetricId, term: readonly (string | undefined)[]): boolean {
  const [, key, quoted, word] = term;
  const value = quoted ?? word ?? '';
  if (key === undefined && /^(OR|NOT|\(|\))$/.test(value)) {
    throw validation(`SEARCH supports words and Name="value" that all must match, got ${value}`);
  }
  if (value === 'AND') return true;
  if (key === 'MetricName') return metric.metricName === value;
  if (key === 'Namespace') return metric.namespace === value;
  if (key !== undefined) return metric.dimensions.some((d) => d.Name === key && d.Value === value);
  const text = [metric.namespace, metric.metricName, ...metric.dimensions.map((d) => d.Value)];
  return text.some((part) => tokens(part).includes(value.toLowerCase()) || part.toLowerCase() === value.toLowerCase());
}

/** CloudWatch breaks names into tokens at case changes and punctuation: `CPUUtilization` is `cpu`, `utilization`. */
function tokens(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
}
