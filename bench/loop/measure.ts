import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetExecutionHistoryCommand, SFNClient, type HistoryEvent } from '@aws-sdk/client-sfn';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import { executionArn } from '../../layers/runtime/executions.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { Milliseconds } from '../../layers/core/units.ts';
import { prunella } from '../../sandbox/scenarios/lib/prunella.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { billOf, type Bill } from './cost.ts';
import { CLUSTER } from './names.ts';

/** The steps between a message and the first change, in their order. */
export const STEPS = ['intake', 'detect', 'diagnose', 'decide', 'recover'] as const;
export type Step = (typeof STEPS)[number];

/** One incident, from intake receiving its message to the first call that changed something. */
export interface Measured {
  readonly service: string;
  /** Without the states that wait on purpose. */
  readonly wallMs: Milliseconds;
  /** What each function took by its own log; recover only to the change. The rest is Step Functions, Lambda and queues. */
  readonly ownMs: Readonly<Record<Step, Milliseconds>>;
}

const PATIENCE_MS = 90_000;
const ENDING_MS = 300_000;

/** Waits until the services' incidents have changed something, and measures each. @throws Error for one that has not in time */
export async function measure(sandbox: Sandbox, services: readonly string[]): Promise<readonly Measured[]> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = (await incidents.listRecent(1_000)).filter(({ resource }) => services.includes(nameOf(resource)));
    const acted = await Promise.all(found.map(async (one) => ((await firstChange(one)) === undefined ? [] : [one])));
    if (acted.flat().length >= services.length) return Promise.all(acted.flat().map((one) => measureOne(sandbox, one)));
    if (Date.now() > until) {
      const story = await storyOf(sandbox, found.at(-1));
      throw new Error(
        `${services.length} services should have been acted on, ${acted.flat().length} have been${story}`,
      );
    }
    await delay(500);
  }
}

/** What became of one that was waited for in vain. */
const storyOf = async ({ env }: Sandbox, incident: Incident | undefined): Promise<string> =>
  incident === undefined ? ', no incident was opened' : `:\n${await prunella(['explain', incident.incidentId], env)}`;

/** Waits until all that is open has ended. @throws Error when it does not in time */
export async function allEnded(): Promise<void> {
  const until = Date.now() + ENDING_MS;
  for (;;) {
    const open = (await incidents.listRecent(1_000)).filter(({ status }) => status !== 'closed');
    if (open.length === 0) return;
    if (Date.now() > until) throw new Error(`${open.length} incidents should have ended by now`);
    await delay(2_000);
  }
}

/** What the services' incidents used by themselves, each from its opening to its ending. */
export async function billsOf(sandbox: Sandbox, services: readonly string[]): Promise<readonly Bill[]> {
  const found = (await incidents.listRecent(1_000)).filter(({ resource }) => services.includes(nameOf(resource)));
  const settings = { endpoint: sandbox.endpoint };
  const states = new SFNClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  try {
    const bills: Bill[] = [];
    for (const incident of found) {
      const { events = [] } = await states.send(
        new GetExecutionHistoryCommand({ executionArn: executionArn(incident.incidentId), maxResults: 1_000 }),
      );
      const lines = await linesAbout(logs, incident);
      const done = lines.filter(isDone).map((line) => JSON.parse(line) as Logged);
      bills.push(
        billOf(
          events,
          done.map(({ durationMs, function_memory_size: megabytes }) => ({ durationMs, megabytes: Number(megabytes) })),
          lines.reduce((bytes, line) => bytes + Buffer.byteLength(line), 0),
        ),
      );
    }
    return bills;
  } finally {
    for (const client of [states, logs]) client.destroy();
  }
}

const nameOf = (resource: string): string => resource.split('/').at(-1) ?? '';

/** When its first intent was stored: right before the call. */
async function firstChange({ incidentId }: Incident): Promise<number | undefined> {
  const [attempt] = await incidents.attempts(incidentId);
  const at = attempt?.mutations[0]?.calls?.[0];
  return at === undefined ? undefined : Date.parse(at);
}

async function measureOne(sandbox: Sandbox, incident: Incident): Promise<Measured> {
  const settings = { endpoint: sandbox.endpoint };
  const ecs = new ECSClient(settings);
  const states = new SFNClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  try {
    const service = nameOf(incident.resource);
    const changed = await deployedAt(ecs, service);
    const { incidentId } = incident;
    const { events = [] } = await states.send(
      new GetExecutionHistoryCommand({ executionArn: executionArn(incidentId), maxResults: 1_000 }),
    );
    const lines = await doneLines(logs, incident);
    const intake = lines.find(({ service: name }) => name === 'intake');
    if (!intake) throw new Error(`the log of intake should tell of ${incidentId}`);
    const before = lines.filter(({ at }) => at - 1 <= changed);
    const recover = lines.find(({ service: name, at }) => name === 'recover' && at >= changed);
    const sum = (step: Step) =>
      before.filter(({ service: name }) => name === step).reduce((all, { durationMs }) => all + durationMs, 0);
    return {
      service,
      wallMs: changed - (intake.at - intake.durationMs) - waited(events, changed),
      ownMs: {
        intake: intake.durationMs,
        detect: sum('detect'),
        diagnose: sum('diagnose'),
        decide: sum('decide'),
        recover: sum('recover') + (recover ? Math.max(0, changed - (recover.at - recover.durationMs)) : 0),
      },
    };
  } finally {
    for (const client of [ecs, states, logs]) client.destroy();
  }
}

/** When the deployment that is not the broken one's was made, epoch milliseconds. */
async function deployedAt(ecs: ECSClient, service: string): Promise<number> {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }));
  const primary = services[0]?.deployments?.find(({ status }) => status === 'PRIMARY');
  if (!primary?.createdAt) throw new Error(`${service} should have a deployment`);
  return primary.createdAt.getTime();
}

/** Milliseconds in states that wait on purpose, before an instant. */
function waited(events: readonly HistoryEvent[], before: number): Milliseconds {
  let entered: number | undefined;
  let sum = 0;
  for (const { type, timestamp } of events) {
    const at = timestamp?.getTime() ?? 0;
    if (type === 'WaitStateEntered') entered = at;
    if (type === 'WaitStateExited' && entered !== undefined && at <= before) sum += at - entered;
  }
  return sum;
}

/** What Prunella's functions write when they have answered, as far as it is read here. */
interface Logged {
  readonly service: string;
  readonly timestamp: string;
  readonly durationMs: number;
  readonly function_memory_size: string | number;
}

interface Done {
  /** A state's function bears the state's name, Detect; the others theirs, intake. Here all in small letters. */
  readonly service: string;
  readonly at: number;
  readonly durationMs: number;
}

const isDone = (line: string): boolean => line.includes('"done"');

async function doneLines(logs: CloudWatchLogsClient, incident: Incident): Promise<readonly Done[]> {
  return (await linesAbout(logs, incident)).filter(isDone).map((line) => {
    const { service, timestamp, durationMs } = JSON.parse(line) as Logged;
    return { service: service.toLowerCase(), at: Date.parse(timestamp), durationMs };
  });
}

async function linesAbout(logs: CloudWatchLogsClient, { incidentId, openedAt }: Incident): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const logGroupName of await prunellaGroups(logs)) {
    const startTime = Date.parse(openedAt) - 60_000;
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, startTime, limit: 10_000 }));
    lines.push(...events.map(({ message = '' }) => message).filter((message) => message.includes(incidentId)));
  }
  return lines;
}

async function prunellaGroups(client: CloudWatchLogsClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {}))
    names.push(...logGroups.flatMap(({ logGroupName = '' }) => (/prunella/i.test(logGroupName) ? logGroupName : [])));
  return names;
}
