import * as z from 'zod';

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
});
export type NamedMetric = z.infer<typeof NamedMetric>;

const PERIODS = [10, 20, 30];
const isPeriod = (n: number): boolean => Number.isInteger(n) && n > 0 && (n % 60 === 0 || PERIODS.includes(n));

/**
 * Reads the value of a tag `prunella:limit` or `prunella:watch`: namespace and name of the metric, then words of the form
 * key=value in any order: `above=` or `below=` (the limit), `stat=` (default Maximum), `period=` in seconds (default 60);
 * every other word is a dimension. AWS allows only `+ - = . _ : / @` beside letters, digits and spaces in a tag.
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
  if (!isPeriod(period)) return { misread: `a period is 10, 20, 30 or a multiple of 60 seconds: ${right}` };
  const own = new Set(['above', 'below', 'stat', 'period']);
  return {
    id: [kind, metric, ...(name ? [name] : [])].join(':'),
    namespace,
    metric,
    dimensions: Object.fromEntries(pairs.filter(([key]) => !own.has(key))),
    stat: given.get('stat') ?? 'Maximum',
    period,
    ...(when && kind === 'limit' ? { limit: { value, when } } : {}),
  };
}
