import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { provideClient } from './registry.ts';

/** The services that actions and verification use: every function that reads or acts has them. */
provideClient('ecs', { prefix: 'ecs', make: (settings) => new ECSClient(settings) });
provideClient('lambda', { prefix: 'lambda', make: (settings) => new LambdaClient(settings) });
provideClient('ssm', { prefix: 'ssm', make: (settings) => new SSMClient(settings) });
provideClient('cloudwatch', { prefix: 'cloudwatch', make: (settings) => new CloudWatchClient(settings) });
provideClient('elbv2', {
  prefix: 'elasticloadbalancing',
  make: (settings) => new ElasticLoadBalancingV2Client(settings),
});
provideClient('autoscaling', {
  prefix: 'application-autoscaling',
  make: (settings) => new ApplicationAutoScalingClient(settings),
});
provideClient('dynamodb', { prefix: 'dynamodb', make: (settings) => new DynamoDBClient(settings) });
