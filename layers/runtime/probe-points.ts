import { CloudWatchClient, PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { Arn } from '../core/arn.ts';
import type { AwsClient } from '../core/aws.ts';
import { PROBE_METRIC, PROBE_NAMESPACE, probeDimensions } from '../core/probe.ts';
import type { Instant } from '../core/units.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';

/** With the function's own rights: the role that reads workloads writes nothing. */
const cloudwatch = through('cloudwatch', () => new CloudWatchClient(clientDefaults()) as AwsClient);

/** PutMetricData takes a thousand values a call, and a megabyte. */
const VALUES_A_CALL = 500;

/** One result of a probe: 1 where it failed. */
export interface ProbePoint {
  readonly resource: Arn;
  readonly id: string;
  readonly at: Instant;
  readonly failed: 0 | 1;
}

/** Publishes results of probes as metrics, so that whoever judges a resource's health reads them like any other. */
export async function publishProbes(points: readonly ProbePoint[]): Promise<void> {
  const data = points.map(({ resource, id, at, failed }): MetricDatum => {
    const Dimensions = Object.entries(probeDimensions(resource, id)).map(([Name, Value]) => ({ Name, Value }));
    return { MetricName: PROBE_METRIC, Dimensions, Timestamp: new Date(at), Value: failed };
  });
  for (let start = 0; start < data.length; start += VALUES_A_CALL) {
    const MetricData = data.slice(start, start + VALUES_A_CALL);
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: PROBE_NAMESPACE, MetricData }));
  }
}
