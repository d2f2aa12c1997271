import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

/** The namespace and the names under which the functions count what they do. */
const NAMESPACE = 'Prunella';

/** One of our own metrics. The incident is a property of a metric, never a dimension. */
export function prunellaMetric(metricName: string, options: MetricOptions = {}): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, ...options });
}
