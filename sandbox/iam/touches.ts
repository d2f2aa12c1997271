import { dynamoDbTouches } from './touched-tables.ts';
import { arn, type Input, type Place, type Touched, type Touches } from './touched.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);

/** A name, or the ARN that stands in its place. */
const named = (place: Place, service: string, prefix: string, name: string): string =>
  name.startsWith('arn:') ? name : arn(place, service, `${prefix}${name}`);

const only = (action: string, resource: string, keys?: Touched['keys']): Touched[] => [
  { action, resource, ...(keys && { keys }) },
];

const clusterOf = ({ cluster }: Input, place: Place): string =>
  named(place, 'ecs', 'cluster/', text(cluster) || 'default');

function inCluster(action: string, kind: string, names: readonly string[], input: Input, place: Place): Touched[] {
  const cluster = clusterOf(input, place);
  const prefix = `${kind}/${cluster.split('/').at(-1)}/`;
  return names.map((name) => ({
    action,
    resource: named(place, 'ecs', prefix, name),
    keys: { 'ecs:cluster': cluster },
  }));
}

const service =
  (action: string): Touches =>
  (input, place) =>
    inCluster(action, 'service', [text(input['service'])], input, place);

const func =
  (action: string): Touches =>
  ({ FunctionName, Qualifier }, place) => {
    const name = named(place, 'lambda', 'function:', text(FunctionName));
    return only(action, text(Qualifier) === '' ? name : `${name}:${text(Qualifier)}`);
  };

const parameter =
  (action: string): Touches =>
  ({ Name }, place) =>
    only(action, named(place, 'ssm', 'parameter/', text(Name).replace(/^\//, '')));

const entriesOf = (value: unknown): Input[] => (Array.isArray(value) ? (value as Input[]) : []);

/** Roles that a call hands on to a service: each must be allowed to be passed to it. */
function passes(roles: readonly unknown[], to: string): Touched[] {
  return roles
    .map(text)
    .filter((role) => role !== '')
    .flatMap((role) => only('iam:PassRole', role, { 'iam:PassedToService': to }));
}

/**
 * What Application Auto Scaling tries in the name of whoever registers a service ("Permissions validation for Application Auto
 * Scaling API calls on target resources", and the permissions required for ECS).
 */
function triedInTheCallersName(service: string, place: Place): Touched[] {
  const keys = { 'aws:ViaAWSService': 'true' };
  return [
    ...['ecs:DescribeServices', 'ecs:UpdateService'].flatMap((action) => only(action, service, keys)),
    ...['cloudwatch:DescribeAlarms', 'cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'].flatMap((action) =>
      only(action, arn(place, 'cloudwatch', 'alarm:'), keys),
    ),
  ];
}

/**
 * The ARNs that a call is judged on, by IAM's name of the operation, for those that AWS gives a resource type. The rest
 * is judged on `*`: AWS's reference says which.
 */
export const TOUCHES: Readonly<Record<string, Touches>> = {
  ...dynamoDbTouches,
  'application-autoscaling:RegisterScalableTarget': ({ ServiceNamespace, ScalableDimension, ResourceId }, place) => [
    ...only(
      'application-autoscaling:RegisterScalableTarget',
      arn(place, 'application-autoscaling', `scalable-target/${text(ResourceId)}`),
      {
        'application-autoscaling:service-namespace': text(ServiceNamespace),
        'application-autoscaling:scalable-dimension': text(ScalableDimension),
      },
    ),
    ...(ServiceNamespace === 'ecs' ? triedInTheCallersName(arn(place, 'ecs', text(ResourceId)), place) : []),
  ],
  'cloudwatch:DescribeAlarms': ({ AlarmNames, AlarmTypes }, place) => {
    // Composite alarms are only answered to whom `*` is granted, says the API reference of DescribeAlarms.
    if (texts(AlarmTypes).includes('CompositeAlarm')) return only('cloudwatch:DescribeAlarms', '*');
    const names = texts(AlarmNames).length > 0 ? texts(AlarmNames) : ['*'];
    return names.flatMap((name) => only('cloudwatch:DescribeAlarms', arn(place, 'cloudwatch', `alarm:${name}`)));
  },
  'cloudwatch:ListAlarmMuteRules': (_, place) =>
    only('cloudwatch:ListAlarmMuteRules', arn(place, 'cloudwatch', 'alarm-mute-rule:*')),
  'ecs:DescribeServices': (input, place) =>
    inCluster('ecs:DescribeServices', 'service', texts(input['services']), input, place),
  'ecs:DescribeServiceRevisions': ({ serviceRevisionArns }) =>
    texts(serviceRevisionArns).flatMap((revision) => [
      ...only('ecs:DescribeServiceRevisions', revision),
      ...only(
        'ecs:DescribeServiceRevisions',
        revision.replace(':service-revision/', ':service/').replace(/\/[^/]+$/, ''),
      ),
    ]),
  'ecs:DescribeTasks': (input, place) => inCluster('ecs:DescribeTasks', 'task', texts(input['tasks']), input, place),
  'ecs:ListServiceDeployments': service('ecs:ListServiceDeployments'),
  // Without a container instance AWS judges it on `*`, and the cluster is a condition: its errors say so.
  'ecs:ListTasks': (input, place) => only('ecs:ListTasks', '*', { 'ecs:cluster': clusterOf(input, place) }),
  'ecs:RegisterTaskDefinition': ({ family, taskRoleArn, executionRoleArn }, place) => [
    ...only('ecs:RegisterTaskDefinition', arn(place, 'ecs', `task-definition/${text(family)}:*`)),
    ...passes([taskRoleArn, executionRoleArn], 'ecs-tasks.amazonaws.com'),
  ],
  'ecs:StopTask': (input, place) => inCluster('ecs:StopTask', 'task', [text(input['task'])], input, place),
  'ecs:UpdateService': service('ecs:UpdateService'),
  // Authorised on the function: an alias of it is a parameter.
  'lambda:GetAlias': ({ FunctionName }, place) => func('lambda:GetAlias')({ FunctionName }, place),
  'lambda:UpdateAlias': ({ FunctionName }, place) => func('lambda:UpdateAlias')({ FunctionName }, place),
  'lambda:GetFunction': func('lambda:GetFunction'),
  'lambda:GetFunctionConfiguration': func('lambda:GetFunctionConfiguration'),
  'lambda:InvokeFunction': func('lambda:InvokeFunction'),
  'lambda:ListAliases': func('lambda:ListAliases'),
  'lambda:ListTags': ({ Resource }) => only('lambda:ListTags', text(Resource)),
  'events:PutEvents': ({ Entries }, place) =>
    entriesOf(Entries).flatMap(({ EventBusName, Source, DetailType }) =>
      only('events:PutEvents', named(place, 'events', 'event-bus/', text(EventBusName) || 'default'), {
        'events:source': text(Source),
        'events:detail-type': text(DetailType),
      }),
    ),
  'logs:FilterLogEvents': ({ logGroupName, logGroupIdentifier }, place) =>
    only('logs:FilterLogEvents', named(place, 'logs', 'log-group:', text(logGroupName) || text(logGroupIdentifier))),
  'sns:Publish': ({ TopicArn }) => only('sns:Publish', text(TopicArn)),
  'sqs:SendMessage': ({ QueueUrl }, place) =>
    only('sqs:SendMessage', arn(place, 'sqs', text(QueueUrl).split('/').at(-1) ?? '')),
  'ssm:GetParameterHistory': parameter('ssm:GetParameterHistory'),
  'ssm:PutParameter': parameter('ssm:PutParameter'),
  'states:DescribeExecution': ({ executionArn }) => only('states:DescribeExecution', text(executionArn)),
  'states:StartExecution': ({ stateMachineArn }) => only('states:StartExecution', text(stateMachineArn)),
  'sts:AssumeRole': ({ RoleArn }) => only('sts:AssumeRole', text(RoleArn)),
};
