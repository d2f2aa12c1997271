import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { PROBE_NAMESPACE, type ProbePolicy } from '../../layers/core/probe.ts';
import type { StepFunction } from './step-function.ts';

/** What Lambda does in a function's name to put it into subnets (AWSLambdaVPCAccessExecutionRole). */
const INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lets a function probe: it publishes what it found, under one namespace, and is put into subnets where these are named, to
 * reach what is private.
 */
export function letProbe(probe: StepFunction, policy: ProbePolicy): void {
  const { loopback, subnets, securityGroups } = policy;
  probe.set('PRUNELLA_PROBE', JSON.stringify({ loopback }));
  probe.allow(
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': PROBE_NAMESPACE } },
    }),
    'PutMetricData takes no resource; the condition holds it to one namespace.',
  );
  if (subnets.length === 0) return;
  probe.allow(
    new PolicyStatement({ actions: INTERFACES, resources: ['*'] }),
    'Lambda makes and removes the network interfaces of a function in subnets with its role, before they have a name.',
  );
  const fn = probe.fn.node.defaultChild as CfnFunction;
  fn.vpcConfig = { subnetIds: subnets, securityGroupIds: securityGroups };
  fn.node.addDependency(probe.role.node.findChild('DefaultPolicy'));
}
