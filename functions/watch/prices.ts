/**
 * What AWS asks, in US dollars, us-east-1, without free tiers (read 2026-11). CloudWatch and DynamoDB: AWS's price list; Lambda on
 * arm64, SQS (standard queue) and EventBridge (custom events): their pricing pages.
 */
export const PRICES = {
  /** GetMetricData, a metric, however many points it brings. */
  metric: 0.01 / 1_000,
  /** DynamoDB on demand: 1 KB written, twice that in a transaction; 4 KB read strongly consistent, half that otherwise. */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  gigabyteSecond: 0.0000133334,
  invocation: 0.2 / 1e6,
  /** SQS, a request of up to 64 KB. */
  queueRequest: 0.4 / 1e6,
  /** EventBridge, a custom event of up to 64 KB. */
  event: 1 / 1e6,
} as const;
