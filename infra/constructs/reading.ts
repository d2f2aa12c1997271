import { Duration } from 'aws-cdk-lib';
import { CompositePrincipal, ManagedPolicy, PolicyStatement, Role, ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { StepFunction } from './step-function.ts';

/** What is read to find out what is there and how it is. None of it returns a secret: parameters are described, and decrypting is not among it. */
const READS = [
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DescribeScalingActivities',
  'application-autoscaling:DescribeScalingPolicies',
  'cloudwatch:DescribeAlarmHistory',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricData',
  'cloudwatch:GetMetricStatistics',
  'cloudwatch:ListAlarmMuteRules',
  'cloudwatch:ListMetrics',
  'cloudwatch:ListTagsForResource',
  'dynamodb:DescribeTable',
  'dynamodb:ListTagsOfResource',
  'ecs:DescribeClusters',
  'ecs:DescribeServiceDeployments',
  'ecs:DescribeServiceRevisions',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListClusters',
  'ecs:ListServiceDeployments',
  'ecs:ListServices',
  'ecs:ListTagsForResource',
  'ecs:ListTaskDefinitions',
  'ecs:ListTasks',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'lambda:GetAlias',
  'lambda:GetFunction',
  'lambda:GetFunctionConcurrency',
  'lambda:GetFunctionConfiguration',
  'lambda:ListAliases',
  'lambda:ListEventSourceMappings',
  'lambda:ListFunctions',
  'lambda:ListTags',
  'lambda:ListVersionsByFunction',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ListQueueTags',
  'sqs:ListQueues',
  'ssm:DescribeParameters',
  'ssm:GetParameterHistory',
  'ssm:ListTagsForResource',
  'tag:GetResources',
] as const;

export interface ReadingProps {
  /** The functions that look at workloads. */
  readonly readers: readonly StepFunction[];
}

/** The one read-only role, and the policy that says what it may read. */
export class Reading extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { readers }: ReadingProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', {
      description: 'Prunella: what it may read of workloads',
      statements: [new PolicyStatement({ actions: [...READS], resources: ['*'] })],
    });
    acknowledge(
      policy,
      'AwsSolutions-IAM5[Resource::*]',
      'Reading only. Most of these take no resource, and what a healthy neighbour looks like is evidence whether it is watched or not.',
    );
    const principals = readers.map((reader) => new ArnPrincipal(reader.role.roleArn));
    this.role = new Role(this, 'Role', {
      description: 'Prunella: reads workloads',
      assumedBy: new CompositePrincipal(...principals),
      managedPolicies: [policy],
      maxSessionDuration: Duration.hours(1),
    });
    for (const reader of readers) {
      reader.set('READER_ROLE_ARN', this.role.roleArn);
      reader.allow(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [this.role.roleArn] }));
    }
  }
}
