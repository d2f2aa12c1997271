import type { DeployedResource } from '../contract.ts';

/** Region and account as they stand in ARNs. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
}

/** How the ARN follows from what `Ref` gives, for types whose `Ref` is a name. */
const fromName: Readonly<Record<string, (name: string) => string>> = {
  'AWS::CloudWatch::Alarm': (name) => `cloudwatch:REGION:alarm:${name}`,
  'AWS::CloudWatch::CompositeAlarm': (name) => `cloudwatch:REGION:alarm:${name}`,
  'AWS::DynamoDB::GlobalTable': (name) => `dynamodb:REGION:table/${name}`,
  'AWS::DynamoDB::Table': (name) => `dynamodb:REGION:table/${name}`,
  'AWS::ECS::Cluster': (name) => `ecs:REGION:cluster/${name}`,
  'AWS::Events::Rule': (name) => `events:REGION:rule/${name}`,
  'AWS::Lambda::EventSourceMapping': (id) => `lambda:REGION:event-source-mapping:${id}`,
  'AWS::Lambda::Function': (name) => `lambda:REGION:function:${name}`,
  'AWS::Logs::LogGroup': (name) => `logs:REGION:log-group:${name}`,
  'AWS::SQS::Queue': (url) => `sqs:REGION:${url.split('/').at(-1)}`,
  'AWS::SSM::Parameter': (name) => `ssm:REGION:parameter/${name.replace(/^\//, '')}`,
};

/** The ARN of a deployed resource; `undefined` where its type has none that is known here. */
export function arnOf({ type, physicalId }: DeployedResource, { region, accountId }: Account): string | undefined {
  if (physicalId.startsWith('arn:')) return physicalId;
  if (type === 'AWS::S3::Bucket') return `arn:aws:s3:::${physicalId}`;
  const rest = fromName[type]?.(physicalId);
  return rest === undefined ? undefined : `arn:aws:${rest.replace('REGION', `${region}:${accountId}`)}`;
}
