import { describe, expect, it } from 'vitest';
import { dimensionsOf, TrafficMeter } from '../../../sandbox/elb/meter.ts';

const loadBalancerArn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0123';
const targetGroupArn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/4567';
const minute = Date.UTC(2026, 0, 1, 12, 0);
const LoadBalancer = 'app/front/0123';
const TargetGroup = 'targetgroup/web/4567';

describe('the metrics of a load balancer', () => {
  it('have the dimensions that AWS gives them', () => {
    expect(dimensionsOf(loadBalancerArn)).toEqual({ LoadBalancer });
    expect(dimensionsOf(loadBalancerArn, targetGroupArn)).toEqual({ LoadBalancer, TargetGroup });
  });

  it('are handed out for whole minutes only, with the time the minute began', () => {
    const meter = new TrafficMeter();
    meter.record({ loadBalancerArn, elbStatus: 503 }, minute + 59_999);
    meter.record({ loadBalancerArn, elbStatus: 503 }, minute + 60_000);

    const points = meter.takeBefore(minute + 60_500);

    expect(points.map(({ metricName, timestamp }) => [metricName, timestamp?.getTime()])).toEqual([
      ['HTTPCode_ELB_5XX_Count', minute],
      ['HTTPCode_ELB_503_Count', minute],
    ]);
    expect(meter.takeBefore(minute + 119_999)).toEqual([]);
    expect(meter.takeBefore(minute + 120_000)).toHaveLength(2);
  });

  it('count what happened, per load balancer and per target group, and nothing that did not', () => {
    const meter = new TrafficMeter();
    for (const responseSeconds of [0.0101, 0.01011, 0.02])
      meter.record({ loadBalancerArn, targetGroupArn, targetStatus: 200, responseSeconds }, minute);
    meter.record({ loadBalancerArn, targetGroupArn, targetStatus: 500, responseSeconds: 0.5 }, minute);
    meter.record({ loadBalancerArn, targetGroupArn, elbStatus: 502, connectionError: true }, minute);

    const points = meter.takeBefore(minute + 60_000);

    const of = (withGroup: boolean): unknown[] =>
      points
        .filter(({ dimensions }) => 'TargetGroup' in dimensions === withGroup)
        .map(({ metricName, value, count }) => [metricName, value, count]);
    const shared = [
      ['RequestCount', 1, 5],
      ['HTTPCode_Target_2XX_Count', 1, 3],
      ['HTTPCode_Target_5XX_Count', 1, 1],
      ['TargetConnectionErrorCount', 1, 1],
      ['TargetResponseTime', 0.0101, 2],
      ['TargetResponseTime', 0.02, 1],
      ['TargetResponseTime', 0.5, 1],
    ];
    expect(of(true)).toEqual(shared);
    expect(of(false)).toEqual(
      expect.arrayContaining([...shared, ['HTTPCode_ELB_5XX_Count', 1, 1], ['HTTPCode_ELB_502_Count', 1, 1]]),
    );
    expect(of(false)).toHaveLength(shared.length + 2);
  });
});
