import * as z from 'zod';

/** What Prunella knows how to watch. The type follows from the ARN alone. */
export const ResourceType = z.enum([
  'ecs-service',
  'lambda-function',
  'lambda-alias',
  'sqs-queue',
  'dynamodb-table',
  'target-group',
  'load-balancer',
  'ssm-parameter',
]);
export type ResourceType = z.infer<typeof ResourceType>;

/** A whole ARN, account and Region included. */
export const Arn = z.string().regex(/^arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+$/, {
  error: 'supply a whole ARN, e.g. arn:aws:ecs:eu-west-1:111122223333:service/cluster/name',
  abort: true,
});
export type Arn = z.infer<typeof Arn>;

export interface ArnParts {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** All after the fifth colon, e.g. `service/cluster/name`. */
  readonly resource: string;
}

/** @throws Error when `arn` is not an ARN. */
export function parseArn(arn: Arn): ArnParts {
  const [prefix, partition, service, region, account, ...rest] = arn.split(':');
  if (prefix !== 'arn' || !partition || !service || rest.length === 0) {
    throw new Error(`supply a whole ARN such as arn:aws:ecs:eu-west-1:111122223333:service/cluster/name, got ${arn}`);
  }
  return { partition, service, region: region ?? '', account: account ?? '', resource: rest.join(':') };
}

/** The resource type an ARN names, or undefined when it is none that Prunella watches. */
export function resourceTypeOf(arn: Arn): ResourceType | undefined {
  const { service, resource } = parseArn(arn);
  if (service === 'ecs' && resource.startsWith('service/')) return 'ecs-service';
  if (service === 'lambda' && resource.startsWith('function:')) {
    return resource.split(':').length > 2 ? 'lambda-alias' : 'lambda-function';
  }
  if (service === 'sqs') return 'sqs-queue';
  if (service === 'dynamodb' && resource.startsWith('table/')) return 'dynamodb-table';
  if (service === 'elasticloadbalancing' && resource.startsWith('targetgroup/')) return 'target-group';
  if (service === 'elasticloadbalancing' && resource.startsWith('loadbalancer/')) return 'load-balancer';
  if (service === 'ssm' && resource.startsWith('parameter/')) return 'ssm-parameter';
  return undefined;
}

const arnOf = (type: ResourceType) =>
  Arn.refine((arn) => resourceTypeOf(arn) === type, {
    error: (issue) => `supply the ARN of a ${type}, got ${String(issue.input)}`,
  });

export const ServiceArn = arnOf('ecs-service');
export const FunctionArn = arnOf('lambda-function');
export const AliasArn = arnOf('lambda-alias');
export const ParameterArn = arnOf('ssm-parameter');

/** A task of an ECS service: stopped and replaced, never watched by itself. */
export const TaskArn = Arn.refine((arn) => /^arn:[^:]+:ecs:[^:]+:\d+:task\//.test(arn), {
  error: (issue) => `supply the ARN of an ECS task, got ${String(issue.input)}`,
});

/** Cluster and service name of an ECS service ARN (the new format, with the cluster in it). */
export function ecsServiceOf(arn: Arn): { cluster: string; service: string } {
  const [, cluster, service] = parseArn(arn).resource.split('/');
  if (!cluster || !service)
    throw new Error(`supply an ECS service ARN with its cluster (service/CLUSTER/NAME), got ${arn}`);
  return { cluster, service };
}

/** Function name and alias (undefined for the function itself) of a Lambda ARN. */
export function lambdaOf(arn: Arn): { functionName: string; alias: string | undefined } {
  const [, functionName, alias] = parseArn(arn).resource.split(':');
  if (!functionName) throw new Error(`supply a Lambda function or alias ARN, got ${arn}`);
  return { functionName, alias };
}

/** The name a person would use: `cluster/name`, `function:alias`, a queue's or parameter's name. */
export function shortName(arn: Arn): string {
  const { service, resource } = parseArn(arn);
  if (service === 'lambda') return resource.slice('function:'.length);
  if (service === 'ssm') return resource.slice('parameter'.length);
  return resource.replace(/^(service|table|targetgroup|loadbalancer\/app)\//, '');
}
