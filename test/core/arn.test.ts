import { describe, expect, test } from 'vitest';
import {
  AliasArn,
  Arn,
  FunctionArn,
  ServiceArn,
  ecsServiceOf,
  lambdaOf,
  parseArn,
  resourceTypeOf,
  shortName,
} from '../../layers/core/arn.ts';

const at = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:111122223333:${resource}`;

/** ARN formats of the Service Authorization Reference, and what they are to Prunella. */
const TYPES: readonly [string, string | undefined, string?][] = [
  [at('ecs', 'service/cluster/orders'), 'ecs-service', 'cluster/orders'],
  [at('ecs', 'cluster/cluster'), undefined],
  [at('ecs', 'task/cluster/0123'), undefined],
  [at('ecs', 'task-definition/orders:7'), undefined],
  [at('lambda', 'function:price'), 'lambda-function', 'price'],
  [at('lambda', 'function:price:live'), 'lambda-alias', 'price:live'],
  [at('lambda', 'layer:shared:3'), undefined],
  [at('sqs', 'jobs'), 'sqs-queue', 'jobs'],
  [at('dynamodb', 'table/stock'), 'dynamodb-table', 'stock'],
  [at('elasticloadbalancing', 'targetgroup/web/6d0ecf831eec9f09'), 'target-group', 'web/6d0ecf831eec9f09'],
  [at('elasticloadbalancing', 'loadbalancer/app/web/50dc6c495c0c9188'), 'load-balancer', 'web/50dc6c495c0c9188'],
  [at('elasticloadbalancing', 'listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2'), undefined],
  [at('ssm', 'parameter/shop/limit'), 'ssm-parameter', '/shop/limit'],
  ['arn:aws-cn:ecs:cn-north-1:111122223333:service/cluster/orders', 'ecs-service', 'cluster/orders'],
  ['arn:aws:iam::111122223333:role/task', undefined],
];

describe('resourceTypeOf', () => {
  test.each(TYPES)('%s is %s', (arn, type) => {
    expect(resourceTypeOf(arn)).toBe(type);
  });
});

test.each(TYPES.filter(([, , name]) => name))('the short name of %s is for a person (%s: %s)', (arn, _, name) => {
  expect(shortName(arn)).toBe(name);
});

test('an ARN has its parts, colons in the resource included', () => {
  expect(parseArn(at('lambda', 'function:price:live'))).toEqual({
    partition: 'aws',
    service: 'lambda',
    region: 'eu-west-1',
    account: '111122223333',
    resource: 'function:price:live',
  });
});

test('what is no ARN is refused with what would be right', () => {
  expect(() => parseArn('orders')).toThrow(
    'supply a whole ARN such as arn:aws:ecs:eu-west-1:111122223333:service/cluster/name, got orders',
  );
  expect(Arn.safeParse('orders').success).toBe(false);
});

test('a schema for one type refuses the ARN of another', () => {
  expect(ServiceArn.safeParse(at('ecs', 'service/cluster/orders')).success).toBe(true);
  expect(ServiceArn.safeParse(at('sqs', 'jobs')).error?.issues[0]?.message).toContain(
    'supply the ARN of a ecs-service',
  );
  expect(FunctionArn.safeParse(at('lambda', 'function:price:live')).success).toBe(false);
  expect(AliasArn.safeParse(at('lambda', 'function:price:live')).success).toBe(true);
});

test('the parts of a service and an alias are read off their ARNs', () => {
  expect(ecsServiceOf(at('ecs', 'service/cluster/orders'))).toEqual({ cluster: 'cluster', service: 'orders' });
  expect(() => ecsServiceOf(at('ecs', 'service/orders'))).toThrow('with its cluster');
  expect(lambdaOf(at('lambda', 'function:price:live'))).toEqual({ functionName: 'price', alias: 'live' });
  expect(lambdaOf(at('lambda', 'function:price'))).toEqual({ functionName: 'price', alias: undefined });
});
