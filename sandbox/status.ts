import {
  CloudWatchClient,
  paginateDescribeAlarms,
  type CompositeAlarm,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import type { RunningAccount } from './account-file.ts';
import { Refusal } from './refusal.ts';
import { allServices, configOf, findService, fullName, type KnownService } from './running.ts';

/** Services with their tasks, and alarms that ring, as text. */
export async function describeAccount(account: RunningAccount): Promise<string> {
  const config = configOf(account);
  const services = await allServices(new ECSClient(config));
  const alarms = await allAlarms(new CloudWatchClient(config));
  const firing = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
  return [
    `The account is up at ${account.endpoint} (process ${account.pid}).`,
    ...(services.length === 0 ? ['No services yet.'] : services.map(serviceLine)),
    `${alarms.length} alarms, ${firing.length} in ALARM${firing.length > 0 ? ':' : '.'}`,
    ...firing.map(({ AlarmName, StateReason }) => `  ${AlarmName}: ${StateReason}`),
  ].join('\n');
}

async function allAlarms(client: CloudWatchClient): Promise<(MetricAlarm | CompositeAlarm)[]> {
  const alarms: (MetricAlarm | CompositeAlarm)[] = [];
  const pages = paginateDescribeAlarms({ client }, { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
    alarms.push(...MetricAlarms, ...CompositeAlarms);
  return alarms;
}

function serviceLine(service: KnownService): string {
  const { runningCount = 0, desiredCount = 0, pendingCount = 0, deployments = [] } = service;
  const [latest] = deployments;
  const pending = pendingCount > 0 ? `, ${pendingCount} starting` : '';
  const revision = latest?.taskDefinition?.split('/').at(-1) ?? '';
  return `  ${fullName(service)}: ${runningCount} of ${desiredCount} tasks${pending}; ${revision} ${latest?.rolloutState ?? ''}`.trimEnd();
}

const linesShown = 50;

/**
 * The last lines of a service's newest log stream.
 * @throws Refusal when there is no such service, or it does not log to CloudWatch Logs
 */
export async function serviceLogs(account: RunningAccount, name: string | undefined): Promise<string> {
  const ecs = new ECSClient(configOf(account));
  const group = await logGroupOf(ecs, await findService(ecs, name));
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

async function logGroupOf(ecs: ECSClient, service: KnownService): Promise<string> {
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition }),
  );
  const groups = (taskDefinition?.containerDefinitions ?? []).flatMap(
    ({ logConfiguration }) => logConfiguration?.options?.['awslogs-group'] ?? [],
  );
  const [group] = groups;
  if (group === undefined) throw new Refusal(`${fullName(service)} does not log with the awslogs driver`);
  return group;
}
