import type {
  DescribeLoadBalancersCommandInput,
  DescribeTargetGroupsCommandInput,
  DescribeTargetHealthCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { hasBalancer, type Fleet, type Service } from '../model/fleet.ts';
import { AwsError, paged, type Answers } from './answering.ts';
import { PORT } from './ecs-views.ts';

const balanced = (fleet: Fleet): Service[] => [...fleet.services.values()].filter(hasBalancer);

export const answers: Answers = {
  DescribeTargetGroups({ Marker, PageSize = 400 }: DescribeTargetGroupsCommandInput, { fleet }) {
    const groups = balanced(fleet).map(({ spec: { name } }) => ({
      TargetGroupArn: fleet.names.targetGroup(name),
      TargetGroupName: name,
      TargetType: 'ip',
      Port: PORT,
      Protocol: 'HTTP',
      LoadBalancerArns: [fleet.names.balancer(name)],
    }));
    const { items, next } = paged(groups, Marker, PageSize, 'NextMarker');
    return { TargetGroups: items, ...next };
  },

  DescribeLoadBalancers({ Marker, PageSize = 400 }: DescribeLoadBalancersCommandInput, { fleet }) {
    const balancers = balanced(fleet).map(({ spec: { name } }) => ({
      LoadBalancerArn: fleet.names.balancer(name),
      LoadBalancerName: name,
      DNSName: fleet.names.dns(name),
      Type: 'application',
      State: { Code: 'active' },
    }));
    const { items, next } = paged(balancers, Marker, PageSize, 'NextMarker');
    return { LoadBalancers: items, ...next };
  },

  DescribeTargetHealth({ TargetGroupArn }: DescribeTargetHealthCommandInput, { fleet }) {
    const service = balanced(fleet).find(({ spec }) => fleet.names.targetGroup(spec.name) === TargetGroupArn);
    if (!service) throw new AwsError('TargetGroupNotFoundException', 'One or more target groups not found');
    const targets = service.tasks.filter(({ status, target }) => status !== 'PENDING' && target !== 'unused');
    return {
      TargetHealthDescriptions: targets.map(({ ip, target }) => ({
        Target: { Id: ip, Port: PORT },
        HealthCheckPort: String(PORT),
        TargetHealth: { State: target, ...(target === 'unhealthy' ? { Reason: 'Target.Timeout' } : {}) },
      })),
    };
  },
};
