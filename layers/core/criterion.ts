import * as z from 'zod';

/** One metric as CloudWatch names it; `expression` instead of `metric` is metric math over the other ids. */
export const MetricQuery = z.union([
  z.object({
    id: z.string(),
    namespace: z.string(),
    metric: z.string(),
    dimensions: z.record(z.string(), z.string()),
    /** `Average`, `Sum`, `p99`, … */
    stat: z.string(),
    /** Seconds. */
    period: z.number().int().positive(),
  }),
  z.object({ id: z.string(), expression: z.string(), period: z.number().int().positive() }),
]);
export type MetricQuery = z.infer<typeof MetricQuery>;

/** How a missing data point counts, in CloudWatch's words. */
export const MissingData = z.enum(['missing', 'ignore', 'breaching', 'notBreaching']);
export type MissingData = z.infer<typeof MissingData>;

export const Comparison = z.enum([
  'GreaterThanThreshold',
  'GreaterThanOrEqualToThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
]);
export type Comparison = z.infer<typeof Comparison>;

/**
 * What "bad" means for a resource, on raw metrics: taken from its alarms and from what AWS publishes about its type.
 * A point is bad when `value comparison threshold` holds.
 */
export const Criterion = z.object({
  /** Stable within a resource: the alarm's name, or `own:<metric>`. */
  id: z.string(),
  resource: z.string(),
  /** `target` must become good; `guard` must not become worse. */
  role: z.enum(['target', 'guard']),
  queries: z.array(MetricQuery).min(1),
  /** Which query's values are compared. */
  returns: z.string(),
  comparison: Comparison,
  threshold: z.number(),
  /** Seconds. */
  period: z.number().int().positive(),
  missing: MissingData,
  /** Sum of requests, invocations or samples in the same period: below `trafficFloor` a good point proves nothing. */
  traffic: MetricQuery.optional(),
  trafficFloor: z.number().default(1),
  unit: z.string().optional(),
});
export type Criterion = z.infer<typeof Criterion>;

/** True when the value is on the bad side of the threshold. */
export function isBad(criterion: Pick<Criterion, 'comparison' | 'threshold'>, value: number): boolean {
  switch (criterion.comparison) {
    case 'GreaterThanThreshold':
      return value > criterion.threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= criterion.threshold;
    case 'LessThanThreshold':
      return value < criterion.threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= criterion.threshold;
  }
}
