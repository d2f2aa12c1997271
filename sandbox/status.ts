import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import type { RunningAccount } from './account-file.ts';

function configOf({ endpoint, env }: RunningAccount): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  const credentials = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
  return { endpoint, region: env['AWS_REGION'] ?? '', credentials };
}

/** Services with their tasks, and alarms that are not OK, as text. */
export async function describeAccount(account: RunningAccount): Promise<string> {
  const services = await allServices(account);
  const { MetricAlarms = [], CompositeAlarms = [] } = await new CloudWatchClient(configOf(account)).send(
    new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
  );
  const alarms = [...MetricAlarms, ...CompositeAlarms];
  const firing = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
  return [
    `The account is up at ${account.endpoint} (process ${account.pid}).`,
    ...services.map(serviceLine),
    services.length === 0 ? 'No services yet.' : '',
    `${alarms.length} alarms, ${firing.length} in ALARM${firing.length > 0 ? ':' : '.'}`,
    ...firing.map(({ AlarmName, StateReason }) => `  ${AlarmName}: ${StateReason}`),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function serviceLine({
  serviceName,
  clusterArn,
  runningCount,
  desiredCount,
  pendingCount,
  deployments = [],
}: Service): string {
  const [latest] = deployments;
  const pending = pendingCount ? `, ${pendingCount} starting` : '';
  return `  ${clusterArn?.split('/').at(-1)}/${serviceName}: ${runningCount} of ${desiredCount} tasks${pending}; ${latest?.taskDefinition?.split('/').at(-1)} ${latest?.rolloutState ?? ''}`;
}

async function allServices(account: RunningAccount): Promise<Service[]> {
  const ecs = new ECSClient(configOf(account));
  const { clusterArns = [] } = await ecs.send(new ListClustersCommand({}));
  const services: Service[] = [];
  for (const cluster of clusterArns) {
    const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster, maxResults: 100 }));
    for (let from = 0; from < serviceArns.length; from += 10) {
      const page = await ecs.send(
        new DescribeServicesCommand({ cluster, services: serviceArns.slice(from, from + 10) }),
      );
      services.push(...(page.services ?? []));
    }
  }
  return services;
}

const linesShown = 50;

/**
 * The last lines of a service's newest log stream.
 * @throws when there is no such service, or it does not log to CloudWatch Logs
 */
export async function serviceLogs(account: RunningAccount, name: string): Promise<string> {
  const found = (await allServices(account)).find(({ serviceName }) => serviceName === name);
  if (found === undefined) throw new Error(`there is no service "${name}"; "npm run sandbox -- status" lists them`);
  const group = await logGroupOf(account, found);
  const logs = new CloudWatchLogsClient(configOf(account));
  const newest = { logGroupName: group, orderBy: 'LastEventTime' as const, descending: true, limit: 1 };
  const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand(newest));
  const logStreamName = logStreams[0]?.logStreamName;
  if (logStreamName === undefined) return `nothing has been logged to ${group} yet`;
  const { events = [] } = await logs.send(
    new GetLogEventsCommand({ logGroupName: group, logStreamName, limit: linesShown }),
  );
  return events
    .map(({ timestamp = 0, message = '' }) => `${new Date(timestamp).toISOString()} ${message.trimEnd()}`)
    .join('\n');
}

async function logGroupOf(account: RunningAccount, { taskDefinition, serviceName }: Service): Promise<string> {
  const described = await new ECSClient(configOf(account)).send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const [container] = described.taskDefinition?.containerDefinitions ?? [];
  const group = container?.logConfiguration?.options?.['awslogs-group'];
  if (group === undefined) throw new Error(`${serviceName} does not log with the awslogs driver`);
  return group;
}
