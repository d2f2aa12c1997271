import { DescribeLoadBalancersCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Aws } from '../../../layers/core/aws.ts';
import type { LoadBalancerFacts, TargetGroupFacts } from '../facts.ts';
import { everyPage } from '../pool.ts';

const PageSize = 400;

export async function readTargetGroups(aws: Aws): Promise<TargetGroupFacts[]> {
  const groups = await everyPage(async (Marker) => {
    const answer = await aws.elbv2.send(new DescribeTargetGroupsCommand({ PageSize, ...(Marker ? { Marker } : {}) }));
    return { items: answer.TargetGroups, next: answer.NextMarker };
  });
  return groups.flatMap(({ TargetGroupArn, LoadBalancerArns = [] }) =>
    TargetGroupArn ? [{ arn: TargetGroupArn, loadBalancers: LoadBalancerArns }] : [],
  );
}

export async function readLoadBalancers(aws: Aws): Promise<LoadBalancerFacts[]> {
  const balancers = await everyPage(async (Marker) => {
    const answer = await aws.elbv2.send(new DescribeLoadBalancersCommand({ PageSize, ...(Marker ? { Marker } : {}) }));
    return { items: answer.LoadBalancers, next: answer.NextMarker };
  });
  return balancers.flatMap(({ LoadBalancerArn, DNSName = '' }) =>
    LoadBalancerArn ? [{ arn: LoadBalancerArn, dnsName: DNSName }] : [],
  );
}
