import type { Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EcsAccount } from '../account.ts';
import type { ClusterRecord, Tags, TaskRecord } from '../model.ts';
import { taskView } from '../task-views.ts';
import { page, tagsFrom } from './paging.ts';

/** DescribeTasks takes a hundred tasks a call, RunTask starts ten. */
const MOST_DESCRIBED = 100;
const MOST_RUN = 10;

export function taskOperations(account: EcsAccount): Record<string, Operation> {
  const { services, tasks } = account;
  return {
    ListTasks: (input) => {
      const cluster = services.cluster(input.cluster);
      if (input.serviceName && !services.find(cluster, input.serviceName))
        throw new AwsError('ServiceNotFoundException', 'Service not found.');
      const arns = tasks
        .all()
        .filter((task) => task.cluster === cluster && fits(task, input))
        .map(({ arn }) => arn);
      return page('taskArns', arns, input);
    },
    DescribeTasks: (input) => {
      const cluster = services.cluster(input.cluster);
      const asked: string[] = input.tasks ?? [];
      if (asked.length === 0) throw new AwsError('InvalidParameterException', 'Tasks cannot be empty.');
      if (asked.length > MOST_DESCRIBED)
        throw new AwsError('InvalidParameterException', `Members for tasks are limited to ${MOST_DESCRIBED}.`);
      const withTags = (input.include ?? []).includes('TAGS');
      const found = asked.map((name) => ({ name, task: tasks.find(cluster, name) }));
      return {
        tasks: found.flatMap(({ task }) => (task ? taskView(task, withTags) : [])),
        failures: found.flatMap(({ name, task }) => (task ? [] : { arn: taskArn(cluster, name), reason: 'MISSING' })),
      };
    },
    StopTask: (input) => {
      const task = tasks.find(services.cluster(input.cluster), input.task ?? '');
      if (!task) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
      void tasks.stop(task, 'UserInitiated', input.reason ?? 'Task stopped by user');
      return { task: taskView(task, true) };
    },
    RunTask: (input) => runTask(account, input),
  };
}

function fits(task: TaskRecord, input: Parameters<Operation>[0]): boolean {
  if (task.desiredStatus !== (input.desiredStatus ?? 'RUNNING')) return false;
  if (input.serviceName && task.group !== `service:${input.serviceName.slice(input.serviceName.lastIndexOf('/') + 1)}`)
    return false;
  if (input.family && task.definition.family !== input.family) return false;
  if (input.startedBy && task.startedBy !== input.startedBy) return false;
  return !input.launchType || input.launchType === 'FARGATE';
}

function taskArn(cluster: ClusterRecord, name: string): string {
  return name.startsWith('arn:') ? name : `${cluster.arn.replace(':cluster/', ':task/')}/${name}`;
}

function runTask({ services, definitions, tasks }: EcsAccount, input: Parameters<Operation>[0]): unknown {
  const cluster = services.cluster(input.cluster);
  const definition = definitions.need(input.taskDefinition);
  const count = Number(input.count ?? 1);
  if (!(count >= 1 && count <= MOST_RUN))
    throw new AwsError('InvalidParameterException', `count should be between 1 and ${MOST_RUN}, got ${count}.`);
  const tags: Tags = tagsFrom(input.tags);
  if (input.propagateTags === 'TASK_DEFINITION') for (const [key, value] of definition.tags) tags.set(key, value);
  const started = Array.from({ length: count }, () =>
    tasks.start({
      cluster,
      definition,
      group: input.group ?? `family:${definition.family}`,
      ...(input.startedBy ? { startedBy: input.startedBy } : {}),
      tags: new Map(tags),
      ...(input.overrides ? { overrides: input.overrides } : {}),
    }),
  );
  return { tasks: started.map((task) => taskView(task, true)), failures: [] };
}
