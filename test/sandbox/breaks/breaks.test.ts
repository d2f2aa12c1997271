import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningAccount } from '../../../sandbox/account-file.ts';
import { breaks } from '../../../sandbox/breaks.ts';
import { Refusal } from '../../../sandbox/refusal.ts';
import { sharedAccount } from '../../support/sandbox.ts';

const own = randomBytes(3).toString('hex');
const [first, second] = [`breaks-${own}-a`, `breaks-${own}-b`];
const family = `patient-${own}`;
let account: RunningAccount;
let ecs: ECSClient;
let ssm: SSMClient;

beforeAll(async () => {
  const { endpoint, env, client } = await sharedAccount();
  account = { endpoint, env, pid: process.pid };
  ecs = new ECSClient(client);
  ssm = new SSMClient(client);
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      cpu: '256',
      memory: '512',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      tags: [{ key: 'team', value: 'one' }],
      containerDefinitions: [
        {
          name: 'sidecar',
          image: 'sidecar:1',
          essential: false,
        },
        {
          name: 'app',
          image: 'app:1',
          environment: [{ name: 'SIZE', value: '3' }],
          dockerLabels: { 'prunella.local.command': 'node -e "setInterval(() => {}, 1000)"', team: 'one' },
        },
      ],
    }),
  );
  for (const clusterName of [first, second]) {
    await ecs.send(new CreateClusterCommand({ clusterName }));
    await ecs.send(
      new CreateServiceCommand({
        cluster: clusterName,
        serviceName: `svc-${own}`,
        taskDefinition: family,
        desiredCount: 1,
      }),
    );
  }
});

afterAll(async () => {
  for (const cluster of [first, second])
    await ecs.send(new UpdateServiceCommand({ cluster, service: `svc-${own}`, desiredCount: 0 }));
  ecs.destroy();
  ssm.destroy();
});

const service = `${first}/svc-${own}`;

function run(name: string, ...args: string[]): Promise<string> {
  const chosen = breaks.find((each) => each.name === name);
  if (!chosen) throw new Error(`there should be a way to break called ${name}`);
  return chosen.run(args, account);
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(100);
  }
}

const tasks = async (cluster: string, desiredStatus: 'RUNNING' | 'STOPPED'): Promise<Task[]> => {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, desiredStatus }));
  if (taskArns.length === 0) return [];
  return (await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }))).tasks ?? [];
};

const running = (cluster: string): Promise<Task> =>
  until(async () => (await tasks(cluster, 'RUNNING')).find(({ lastStatus }) => lastStatus === 'RUNNING'));

const stopped = (cluster: string, taskArn: string | undefined): Promise<Task> =>
  until(async () =>
    (await tasks(cluster, 'STOPPED')).find((task) => task.taskArn === taskArn && task.lastStatus === 'STOPPED'),
  );

describe('ways to break', () => {
  it('kill a task from outside AWS: it ends with 137, as one that was never asked', async () => {
    const before = await running(first);

    const said = await run('kill-task', service);
    const task = await stopped(first, before.taskArn);

    expect(said).toContain('SIGKILL');
    expect(task.stopCode).toBe('EssentialContainerExited');
    expect(task.containers?.find(({ name }) => name === 'app')?.exitCode).toBe(137);
  });

  it('stop a task as a person would, which its stop code shows', async () => {
    const before = await running(first);

    await run('stop-task', service);
    const task = await stopped(first, before.taskArn);

    expect(task).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'stopped by an operator' });
  });

  it('deploy a revision that differs by its command alone, whose tasks exit with 1 after they ran', async () => {
    const said = await run('deploy-broken', service);
    const { taskDefinition, tags } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: `${family}:2`, include: ['TAGS'] }),
    );
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster: first, services: [`svc-${own}`] }));
    const task = await until(async () =>
      (await tasks(first, 'STOPPED')).find(
        (one) => one.taskDefinitionArn?.endsWith(`${family}:2`) && one.lastStatus === 'STOPPED',
      ),
    );

    const app = taskDefinition?.containerDefinitions?.find(({ name }) => name === 'app');
    expect(said).toContain(`${family}:2`);
    expect(services[0]?.taskDefinition).toMatch(new RegExp(`${family}:2$`));
    expect(app).toMatchObject({
      image: 'app:1',
      environment: [{ name: 'SIZE', value: '3' }],
      dockerLabels: { team: 'one' },
    });
    expect(taskDefinition).toMatchObject({ cpu: '256', memory: '512', networkMode: 'awsvpc' });
    expect(tags).toEqual([{ key: 'team', value: 'one' }]);
    expect(task.containers?.find(({ name }) => name === 'app')?.exitCode).toBe(1);
    expect(Number(task.executionStoppedAt) - Number(task.startedAt)).toBeGreaterThan(3000);
  });

  it('write a parameter that exists, keeping its type', async () => {
    const Name = `/breaks/${own}`;
    await ssm.send(new PutParameterCommand({ Name, Value: 'a,b', Type: 'StringList' }));

    const said = await run('write-parameter', Name, 'c');
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));

    expect(said).toContain('version 2');
    expect(Parameter).toMatchObject({ Value: 'c', Type: 'StringList', Version: 2 });
  });
});

describe('what cannot be broken', () => {
  it.each([
    ['stop-task', [], 'name a service: there are '],
    ['deploy-broken', ['nobody'], 'there is no service "nobody"'],
    ['kill-task', [`svc-${own}`], 'several clusters have a service'],
    ['kill-task', [service, 'SIGNAL'], 'supply a signal such as SIGKILL'],
    ['stop-task', [service, 'more'], 'supply stop-task <service>'],
    ['write-parameter', [`/breaks/${own}/none`, 'x'], `there is no parameter /breaks/${own}/none`],
    ['write-parameter', [`/breaks/${own}`], 'supply write-parameter <name> <value>'],
  ])('is refused: %s %j', async (name, args, message) => {
    await expect(run(name, ...args)).rejects.toThrow(message);
    await expect(run(name, ...args)).rejects.toBeInstanceOf(Refusal);
  });

  it('takes signals only as JSON, and only for a task that runs', async () => {
    const url = `${account.endpoint}/_sandbox/signal-task`;
    const json = { method: 'POST', headers: { 'content-type': 'application/json' } };

    const form = await fetch(url, { method: 'POST', body: 'taskArn=x' });
    const unknown = await fetch(url, { ...json, body: JSON.stringify({ taskArn: 'x', signal: 'SIGKILL' }) });
    const wrong = await fetch(url, { ...json, body: JSON.stringify({ taskArn: 'x', signal: 'SIGNAL' }) });

    expect(form.status).toBe(415);
    expect([unknown.status, await unknown.text()]).toEqual([400, 'name a task that runs, got x']);
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('supply a signal')]);
  });
});
