import { shortName } from '../../../layers/core/arn.ts';
import { criteriaOf } from '../../../layers/core/inventory.ts';
import type { Criterion } from '../../../layers/core/criterion.ts';
import type { Evidence, Series } from '../../../layers/core/evidence.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import type { Kind, Measured } from '../ranking/input.ts';
import { countsRequests } from '../support/facts.ts';

/** What a metric measures, by its name: the first that fits. AWS's names, and those that programs commonly choose. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/latency|response_?time|duration|elapsed/i, 'latency'],
  [/cpu/i, 'cpu'],
  [/memory|heap|\brss\b/i, 'memory'],
  [/unhealthy/i, 'failures'],
  [/5xx|errors?\b|fault|failure|failed|exceptions?\b|rejected/i, 'failures'],
  [/request|invocation|messages?(?:sent|received|deleted)|calls\b/i, 'traffic'],
  [/age|depth|backlog|queue|visible|throttl|connections?|utili[sz]ation|inflight|concurren/i, 'saturation'],
  [/bytes|packets|network/i, 'network'],
];

const SPOKEN: Readonly<Partial<Record<Kind, string>>> = {
  latency: 'response time',
  traffic: 'requests a period',
  cpu: 'processor in use',
  memory: 'memory in use',
  availability: 'good requests',
};

/** A median response time of more than half a minute is rare; of so many milliseconds it is not. */
const SECONDS_AT_MOST = 30;

/**
 * The series of the evidence as the ranking takes them: seconds for latency, per cent of good requests where metric math
 * divides failures by requests, each request series once. The finest come first, so that counts and shares that are set off
 * against each other have the same periods. What says nothing of a cause (hosts that are healthy, counts of samples) is left out.
 */
export function measuredOf({ series, resources }: Evidence): Told[] {
  const criteria = new Map(
    resources.flatMap((resource) => criteriaOf(resource).map((one) => [`${one.resource} ${one.id}`, one] as const)),
  );
  const traffic = new Set<string>();
  return series
    .toSorted((a, b) => a.period - b.period)
    .flatMap((one) => measuredFrom(one, criteria.get(`${one.resource} ${one.criterion}`)))
    .filter(({ kind, node, period }) => {
      const name = `${node} ${period}`;
      const isAgain = kind === 'traffic' && traffic.has(name);
      if (kind === 'traffic') traffic.add(name);
      return !isAgain;
    });
}

/** A metric as the ranking takes it, and which criterion it was read for. */
export interface Told extends Measured {
  readonly criterion: string;
  readonly period: Seconds;
}

function measuredFrom(series: Series, criterion: Criterion | undefined): Told[] {
  const kind = kindOf(series, criterion);
  if (!kind || series.points.length === 0) return [];
  const { resource: node, criterion: id, period, points } = series;
  const times = Float64Array.from(points, ([at]) => at);
  const values = scale(
    kind,
    Float64Array.from(points, ([, value]) => value),
    series,
    criterion,
  );
  const limit = isPercent(kind, series) ? { limit: 100 } : {};
  return [{ node, criterion: id, period, metric: nameOf(kind, series), kind, times, values, ...limit }];
}

/** Of what is reserved, or of what there is. */
const isPercent = (kind: Kind, { metric, unit }: Series): boolean =>
  (kind === 'cpu' || kind === 'memory') && (unit === 'Percent' || /utili[sz]ation|percent/i.test(metric));

/** Undefined for what is no symptom in itself. */
function kindOf({ criterion: id, metric }: Series, criterion: Criterion | undefined): Kind | undefined {
  const isTraffic = id.endsWith('#traffic');
  if (isTraffic) return countsRequests(metric) ? 'traffic' : undefined;
  if (/^HealthyHostCount$/i.test(metric)) return undefined;
  const expression = criterion?.queries.find((query) => query.id === criterion.returns && 'expression' in query);
  if (expression) return isShareOfFailures(criterion, expression) ? 'availability' : undefined;
  return KINDS.find(([name]) => name.test(metric))?.[1] ?? 'other';
}

/** Metric math that divides what fails by what was asked. */
function isShareOfFailures(criterion: Criterion | undefined, expression: Criterion['queries'][number]): boolean {
  const metrics = (criterion?.queries ?? []).flatMap((query) => ('metric' in query ? query.metric : []));
  const isQuotient = 'expression' in expression && expression.expression.includes('/');
  return isQuotient && metrics.some((metric) => KINDS.find(([name]) => name.test(metric))?.[1] === 'failures');
}

function scale(kind: Kind, values: Float64Array, { unit, metric }: Series, criterion: Criterion | undefined) {
  if (kind === 'availability') {
    const isRatio = (criterion?.threshold ?? 0) <= 1 && values.every((value) => value <= 1);
    return values.map((value) => 100 - (isRatio ? 100 : 1) * value);
  }
  if (kind !== 'latency') return values;
  const middle = values.toSorted()[Math.floor(values.length / 2)] ?? 0;
  const isMillis = unit === undefined ? /^Duration$/.test(metric) || middle > SECONDS_AT_MOST : /milli/i.test(unit);
  return isMillis ? values.map((value) => value / 1000) : values;
}

function nameOf(kind: Kind, { resource, metric, stat }: Series): string {
  const said = SPOKEN[kind] ?? metric;
  const which = kind === 'latency' && stat ? `${stat === 'Average' ? 'mean' : stat} ` : '';
  return `${which}${said} of ${shortName(resource)}`;
}
