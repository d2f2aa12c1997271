import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';

/** What the owners of the shops, and whoever looks from outside, call AWS with. */
export interface Clients {
  readonly cloudwatch: CloudWatchClient;
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly ssm: SSMClient;
}

export interface Account {
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
}

export function clientsOf({ endpoint, accountId, region }: Account): Clients {
  const config = { endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'local' } };
  return {
    cloudwatch: new CloudWatchClient({ ...config, disableRequestCompression: true }),
    ecs: new ECSClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    lambda: new LambdaClient(config),
    logs: new CloudWatchLogsClient(config),
    ssm: new SSMClient(config),
  };
}

export function destroyClients(clients: Clients): void {
  for (const client of Object.values(clients) as readonly { destroy(): void }[]) client.destroy();
}
