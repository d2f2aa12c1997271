import type {
  DescribeServiceRevisionsCommandInput,
  DescribeServicesCommandInput,
  DescribeTaskDefinitionCommandInput,
  DescribeTasksCommandInput,
  ListServiceDeploymentsCommandInput,
  ListTasksCommandInput,
  RegisterTaskDefinitionCommandInput,
  StopTaskCommandInput,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { desiredStatusOf, type Definition, type Fleet, type Service, type Task } from '../model/fleet.ts';
import { registerDefinition, stopTask, updateService } from '../model/writes.ts';
import { AwsError, paged, type Answers } from './answering.ts';
import { definitionView, deploymentBrief, serviceView, taskView } from './ecs-views.ts';

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
const clientError = (message: string) => new AwsError('ClientException', message);

/** @throws ClusterNotFoundException */
function inCluster(fleet: Fleet, cluster = 'default'): void {
  if (cluster.split('/').at(-1) !== fleet.names.cluster)
    throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
}

const find = (fleet: Fleet, nameOrArn: string): Service | undefined =>
  fleet.services.get(nameOrArn.split('/').at(-1) ?? '');

/** @throws ServiceNotFoundException */
function service(fleet: Fleet, nameOrArn = ''): Service {
  const found = find(fleet, nameOrArn);
  if (!found) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  return found;
}

/** `family`, `family:revision` or ARN; a family alone is its latest revision. @throws ClientException */
function definition(fleet: Fleet, text = ''): Definition {
  const [family, revision] = text.replace(/^.*task-definition\//, '').split(':');
  const all = [...fleet.definitions.values()].filter((one) => one.family === family);
  const found = revision === undefined ? all.at(-1) : all.find((one) => one.revision === Number(revision));
  if (!found) throw clientError('Unable to describe task definition.');
  return found;
}

function ownerOf(fleet: Fleet, id: string): { service: Service; task: Task } | undefined {
  const wanted = id.split('/').at(-1);
  for (const one of fleet.services.values()) {
    const task = one.tasks.find((each) => each.id === wanted);
    if (task) return { service: one, task };
  }
  return undefined;
}

const missing = (arn: string) => ({ arn, reason: 'MISSING' });

export const answers: Answers = {
  DescribeServices({ cluster, services = [], include }: DescribeServicesCommandInput, { fleet }) {
    inCluster(fleet, cluster);
    if (services.length > 10) throw invalid('Services cannot be more than 10.');
    const found = services.flatMap((name) => find(fleet, name) ?? []);
    return {
      services: found.map((one) => serviceView(fleet, one, include?.includes('TAGS') ?? false)),
      failures: services.filter((name) => !find(fleet, name)).map(missing),
    };
  },

  ListTasks(input: ListTasksCommandInput, { fleet }) {
    inCluster(fleet, input.cluster);
    const { serviceName, desiredStatus = 'RUNNING', maxResults = 100, nextToken } = input;
    const tasks = serviceName
      ? service(fleet, serviceName).tasks
      : [...fleet.services.values()].flatMap((one) => one.tasks);
    const arns = tasks.filter((task) => desiredStatusOf(task) === desiredStatus).map(({ arn }) => arn);
    const { items, next } = paged(arns, nextToken, maxResults, 'nextToken');
    return { taskArns: items, ...next };
  },

  DescribeTasks({ cluster, tasks = [] }: DescribeTasksCommandInput, { fleet }) {
    inCluster(fleet, cluster);
    if (tasks.length > 100) throw invalid('Tasks cannot be more than 100.');
    const found = tasks.flatMap((id) => ownerOf(fleet, id) ?? []);
    return {
      tasks: found.map((one) => taskView(fleet, one.service, one.task)),
      failures: tasks.filter((id) => !ownerOf(fleet, id)).map(missing),
    };
  },

  DescribeTaskDefinition({ taskDefinition }: DescribeTaskDefinitionCommandInput, { fleet }) {
    return { taskDefinition: definitionView(fleet, definition(fleet, taskDefinition)), tags: [] };
  },

  /** A copy runs the same image, so that it behaves the same: what it changes here is its memory. */
  RegisterTaskDefinition(input: RegisterTaskDefinitionCommandInput, { fleet, by }) {
    const { family = '', containerDefinitions = [], cpu = '256' } = input;
    const [container] = containerDefinitions;
    const version = container?.image?.split(':').at(-1);
    const known = [...fleet.definitions.values()].findLast((one) => one.family === family && one.version === version);
    if (!known || !version) throw clientError(`no image of ${family} with the tag ${version} is known`);
    const memory = container?.memory ?? Number(input.memory);
    const about = { ...known, version, memory, cpu: Number(cpu) };
    return { taskDefinition: definitionView(fleet, registerDefinition(fleet, family, about, by)) };
  },

  UpdateService(input: UpdateServiceCommandInput, { fleet, by }) {
    inCluster(fleet, input.cluster);
    const one = service(fleet, input.service);
    const modelled = ['cluster', 'service', 'taskDefinition', 'desiredCount', 'forceNewDeployment'];
    const unknown = Object.entries(input).filter(([name, value]) => value !== undefined && !modelled.includes(name));
    if (unknown.length > 0)
      throw new Error(`the model of UpdateService lacks ${unknown.map(([name]) => name).join(', ')}`);
    const { taskDefinition, desiredCount, forceNewDeployment = false } = input;
    const update = {
      ...(taskDefinition === undefined ? {} : { definition: definition(fleet, taskDefinition).arn }),
      ...(desiredCount === undefined ? {} : { desired: desiredCount }),
      force: forceNewDeployment,
    };
    updateService(fleet, one, update, by);
    return { service: serviceView(fleet, one, false) };
  },

  StopTask({ cluster, task = '', reason = '' }: StopTaskCommandInput, { fleet, by }) {
    inCluster(fleet, cluster);
    const found = ownerOf(fleet, task);
    if (!found) throw invalid('The referenced task was not found.');
    stopTask(fleet, found.service, found.task, reason, by);
    return { task: taskView(fleet, found.service, found.task) };
  },

  ListServiceDeployments(input: ListServiceDeploymentsCommandInput, { fleet }) {
    inCluster(fleet, input.cluster);
    const one = service(fleet, input.service);
    const wanted = one.deployments.filter(({ outcome }) => !input.status?.length || input.status.includes(outcome));
    const briefs = wanted.map((deployment) => deploymentBrief(fleet, one, deployment));
    const { items, next } = paged(briefs, input.nextToken, input.maxResults ?? 20, 'nextToken');
    return { serviceDeployments: items, ...next };
  },

  DescribeServiceRevisions({ serviceRevisionArns = [] }: DescribeServiceRevisionsCommandInput, { fleet }) {
    if (serviceRevisionArns.length > 20) throw invalid('Service revisions cannot be more than 20.');
    const all = [...fleet.services.values()].flatMap((one) =>
      one.deployments.map((deployment) => ({
        serviceRevisionArn: fleet.names.serviceRevision(one.spec.name, deployment.revisionId),
        serviceArn: one.arn,
        clusterArn: fleet.names.clusterArn(),
        taskDefinition: deployment.definition,
        createdAt: new Date(deployment.createdAt),
      })),
    );
    return {
      serviceRevisions: all.filter(({ serviceRevisionArn }) => serviceRevisionArns.includes(serviceRevisionArn)),
      failures: serviceRevisionArns.filter((arn) => !all.some((one) => one.serviceRevisionArn === arn)).map(missing),
    };
  },
};
