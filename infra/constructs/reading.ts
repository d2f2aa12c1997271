import { Aws, Duration, Fn } from 'aws-cdk-lib';
import { CompositePrincipal, ManagedPolicy, PolicyStatement, Role, ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge.ts';
import type { StepFunction } from './step-function.ts';

/**
 * What is read to find out what is there and how it is, by what it is on: resources of this account and Region, or `*`
 * where AWS knows no resource for it. Decrypting is not among it, so that a secure parameter stays a secret.
 */
const READS: readonly { readonly on: readonly string[]; readonly actions: readonly string[] }[] = [
  {
    on: ['*'],
    actions: [
      'application-autoscaling:DescribeScalableTargets',
      'cloudwatch:DescribeAlarms', // answers composite alarms only to whom `*` is granted
      'cloudwatch:GetMetricData',
      'cloudwatch:GetMetricStatistics',
      'cloudwatch:ListMetrics',
      'ecs:DescribeTaskDefinition',
      'ecs:ListTasks', // by service it is judged on `*`: its one resource type is the container instance
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      'lambda:ListEventSourceMappings',
      'lambda:ListFunctions',
      'ssm:DescribeParameters',
      'tag:GetResources',
      'xray:GetServiceGraph',
    ],
  },
  { on: ['cloudwatch:alarm-mute-rule:*'], actions: ['cloudwatch:ListAlarmMuteRules'] },
  { on: ['ecs:service/*'], actions: ['ecs:DescribeServices', 'ecs:ListServiceDeployments'] },
  { on: ['ecs:service/*', 'ecs:service-revision/*'], actions: ['ecs:DescribeServiceRevisions'] },
  { on: ['ecs:task/*'], actions: ['ecs:DescribeTasks'] },
  {
    on: ['lambda:function:*'],
    actions: [
      'lambda:GetAlias',
      'lambda:GetFunction',
      'lambda:GetFunctionConfiguration',
      'lambda:ListAliases',
      'lambda:ListTags',
    ],
  },
  { on: ['logs:log-group:*'], actions: ['logs:FilterLogEvents'] },
  { on: ['ssm:parameter/*'], actions: ['ssm:GetParameterHistory'] },
];

/** `ecs:task/*` as an ARN of this account and Region. */
function hereOf(on: string): string {
  if (on === '*') return on;
  const [service, ...resource] = on.split(':');
  return Fn.join(':', ['arn', Aws.PARTITION, service!, Aws.REGION, Aws.ACCOUNT_ID, ...resource]);
}

export interface ReadingProps {
  /** The functions that look at workloads. */
  readonly readers: readonly StepFunction[];
}

/** The one read-only role, and the policy that says what it may read. */
export class Reading extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { readers }: ReadingProps) {
    super(scope, id);
    const statements = READS.map(
      ({ on, actions }) => new PolicyStatement({ actions: [...actions], resources: on.map(hereOf) }),
    );
    const policy = new ManagedPolicy(this, 'Policy', {
      description: 'Prunella: what it may read of workloads',
      statements,
    });
    for (const statement of statements) {
      acknowledgeWildcards(
        policy,
        statement,
        'Reading only: what a healthy neighbour looks like is evidence, whether it is watched or not.',
      );
    }
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
