import * as z from 'zod';
import { hours, minutes, type Seconds } from './units.ts';

/** What a metric must not reach: at or over it (`above`), or at or under it (`below`: free space, days left). */
export const MetricLimit = z.object({ value: z.number(), when: z.enum(['above', 'below']) });
export type MetricLimit = z.infer<typeof MetricLimit>;

/** A metric that an owner names by a tag, because nothing about the resource's type says that it matters. */
export const NamedMetric = z.object({
  /** `limit` or `watch`, the metric's name, and what the tag is called beyond that: stable within a resource, and its own. */
  id: z.string(),
  namespace: z.string(),
  metric: z.string(),
  dimensions: z.record(z.string(), z.string()),
  stat: z.string(),
  /** Seconds. */
  period: z.number().int().positive(),
  limit: MetricLimit.optional(),
  /** Seconds: how far ahead its limit is foretold. Absent: as far as the deployment says. */
  horizon: z.number().int().positive().optional(),
});
export type NamedMetric = z.infer<typeof NamedMetric>;

const DAY: Seconds = hours(24);
const PERIODS = [10, 20, 30];
const isPeriod = (n: number): boolean =>
  Number.isInteger(n) && n > 0 && n <= DAY && (n % 60 === 0 || PERIODS.includes(n));
const LONGEST_HORIZON: Seconds = 90 * DAY;
const UNITS: Readonly<Record<string, Seconds>> = { m: minutes(1), h: hours(1), d: DAY };

/** `90m`, `12h` or `30d` in seconds; NaN for anything else. */
function secondsIn(text: string): Seconds {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
}

/** What is wrong with a horizon: it takes in a few periods, and what lies further ahead than a season is guessed. */
function wrongHorizon(horizon: Seconds | undefined, period: Seconds): string | undefined {
  if (horizon === undefined)
    return period > hours(1) ? 'a limit whose period is over an hour names its horizon' : undefined;
  const fits = horizon >= 2 * period && horizon <= LONGEST_HORIZON;
  return fits ? undefined : 'a horizon such as 90m, 12h or 30d is at least two periods and at most 90d';
}

/**
 * Reads the value of a tag `prunella:limit` or `prunella:watch`: namespace and name of the metric, then words of the form
 * key=value in any order: `above=` or `below=` (the limit), `stat=` (default Maximum), `period=` in seconds (default 60, at most a
 * day), `horizon=` of a limit (`90m`, `12h`, `30d`); every other word is a dimension. AWS allows only `+ - = . _ : / @` beside
 * letters, digits and spaces in a tag.
 * @param kind a `limit` must name its limit, a `watch` must not
 * @param name what the tag is called behind `prunella:limit:`, if anything
 * @returns what is wrong with the text, where it cannot be read
 */
export function parseNamedMetric(
  kind: 'limit' | 'watch',
  text: string,
  name?: string,
): NamedMetric | { readonly misread: string } {
  const right = `supply ${kind === 'limit' ? '"Shop Connections Service=orders above=100"' : '"Shop Latency Service=orders stat=p90"'}, got "${text}"`;
  const [namespace, metric, ...words] = text.trim().split(/\s+/);
  if (!namespace || !metric || metric.includes('=')) return { misread: `no namespace and metric: ${right}` };
  const pairs = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
  const odd = words.find((word) => !/^[^=]+=.+$/.test(word));
  if (odd !== undefined) return { misread: `"${odd}" is no key=value: ${right}` };
  const given = new Map(pairs);
  const when = given.has('above') ? 'above' : given.has('below') ? 'below' : undefined;
  const value = Number(given.get(when ?? '') ?? Number.NaN);
  if (kind === 'limit' && !Number.isFinite(value)) return { misread: `no limit: ${right}` };
  if (kind === 'watch' && when !== undefined) return { misread: `a limit belongs into prunella:limit: ${right}` };
  const period = Number(given.get('period') ?? 60);
  if (!isPeriod(period)) return { misread: `a period is 10, 20, 30 or a multiple of 60 seconds up to a day: ${right}` };
  const horizon = given.has('horizon') ? secondsIn(given.get('horizon')!) : undefined;
  if (kind === 'watch' && horizon !== undefined) return { misread: `only a limit has a horizon: ${right}` };
  const wrong = kind === 'limit' ? wrongHorizon(horizon, period) : undefined;
  if (wrong) return { misread: `${wrong}: ${right}` };
  const own = new Set(['above', 'below', 'stat', 'period', 'horizon']);
  return {
    id: [kind, metric, ...(name ? [name] : [])].join(':'),
    namespace,
    metric,
    dimensions: Object.fromEntries(pairs.filter(([key]) => !own.has(key))),
    stat: given.get('stat') ?? 'Maximum',
    period,
    ...(when && kind === 'limit' ? { limit: { value, when } } : {}),
    ...(horizon === undefined ? {} : { horizon }),
  };
}
