import type { MetricPoint } from '../contract.ts';
import { MINUTE } from './clock.ts';

/** What became of one request: answered by a target, or by the load balancer itself. */
export interface Outcome {
  readonly loadBalancerArn: string;
  readonly targetGroupArn?: string;
  /** Status of the target's answer. */
  readonly targetStatus?: number;
  /** Status of an answer that the load balancer gave itself. */
  readonly elbStatus?: number;
  /** From the request's leaving the load balancer to the first byte of the answer's header. */
  readonly responseSeconds?: number;
  readonly connectionError?: boolean;
}

interface Bucket {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly counts: Map<string, number>;
  /** How often each response time, rounded to three digits, was seen. */
  readonly times: Map<number, number>;
}

/**
 * Collects the metrics of `AWS/ApplicationELB`, a minute at a time. Counts are reported only when not zero, each request
 * as one sample of value 1; response times are kept to three significant digits, so that percentiles hold to 0.5 %.
 */
export class TrafficMeter {
  readonly #minutes = new Map<number, Map<string, Bucket>>();

  record(outcome: Outcome, now: number): void {
    for (const bucket of this.#bucketsFor(outcome, Math.floor(now / MINUTE) * MINUTE)) {
      const perGroup = 'TargetGroup' in bucket.dimensions;
      if (outcome.targetGroupArn) add(bucket.counts, 'RequestCount');
      if (outcome.targetStatus) add(bucket.counts, `HTTPCode_Target_${Math.floor(outcome.targetStatus / 100)}XX_Count`);
      if (outcome.connectionError) add(bucket.counts, 'TargetConnectionErrorCount');
      if (outcome.elbStatus && !perGroup) {
        add(bucket.counts, `HTTPCode_ELB_${Math.floor(outcome.elbStatus / 100)}XX_Count`);
        if (outcome.elbStatus >= 500) add(bucket.counts, `HTTPCode_ELB_${outcome.elbStatus}_Count`);
      }
      if (outcome.responseSeconds !== undefined) {
        const rounded = Number(outcome.responseSeconds.toPrecision(3));
        bucket.times.set(rounded, (bucket.times.get(rounded) ?? 0) + 1);
      }
    }
  }

  /** Takes out what was collected before `time`, as metric points stamped with their minute. */
  takeBefore(time: number): MetricPoint[] {
    const points: MetricPoint[] = [];
    for (const [minute, buckets] of this.#minutes) {
      if (minute + MINUTE > time) continue;
      this.#minutes.delete(minute);
      for (const bucket of buckets.values()) points.push(...pointsOf(bucket, new Date(minute)));
    }
    return points;
  }

  #bucketsFor(outcome: Outcome, minute: number): Bucket[] {
    let buckets = this.#minutes.get(minute);
    if (!buckets) this.#minutes.set(minute, (buckets = new Map()));
    const keys = outcome.targetGroupArn
      ? [outcome.loadBalancerArn, `${outcome.loadBalancerArn} ${outcome.targetGroupArn}`]
      : [outcome.loadBalancerArn];
    return keys.map((key) => {
      const known = buckets.get(key);
      if (known) return known;
      const dimensions = dimensionsOf(outcome.loadBalancerArn, key.includes(' ') ? outcome.targetGroupArn : undefined);
      const bucket: Bucket = { dimensions, counts: new Map(), times: new Map() };
      buckets.set(key, bucket);
      return bucket;
    });
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function pointsOf(bucket: Bucket, timestamp: Date): MetricPoint[] {
  const common = { namespace: 'AWS/ApplicationELB', dimensions: bucket.dimensions, timestamp };
  const counts = [...bucket.counts].map(([metricName, count]) => ({
    ...common,
    metricName,
    value: 1,
    count,
    unit: 'Count',
  }));
  const times = [...bucket.times].map(([value, count]) => ({
    ...common,
    metricName: 'TargetResponseTime',
    value,
    count,
    unit: 'Seconds',
  }));
  return [...counts, ...times];
}

/** The dimensions AWS uses: the last parts of the ARNs. */
export function dimensionsOf(loadBalancerArn: string, targetGroupArn?: string): Record<string, string> {
  const LoadBalancer = loadBalancerArn.slice(loadBalancerArn.indexOf('loadbalancer/') + 'loadbalancer/'.length);
  if (!targetGroupArn) return { LoadBalancer };
  return { LoadBalancer, TargetGroup: targetGroupArn.slice(targetGroupArn.indexOf('targetgroup/')) };
}
