import { CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutMetricDataCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  StopTaskCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { PublishVersionCommand, UpdateAliasCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { NAMESPACE } from '../../shop/code/lib/metrics.ts';
import { names, QUOTE_ALIAS, type Service } from '../../shop/copy.ts';
import { pull } from '../../shop/images.ts';
import { quoteCode, type QuoteRelease } from '../../shop/quote.ts';
import type { Clients } from './clients.ts';
import { zipOf } from './zip.ts';

/** What the people and pipelines that own a shop do to it, with the calls they would make. */
export class Owner {
  readonly #copy: string;
  readonly #clients: Clients;

  constructor(copy: string, clients: Clients) {
    this.#copy = copy;
    this.#clients = clients;
  }

  /** Deploys an image: registers a revision that differs in nothing but the image, and updates the service. */
  async release(service: Service, tag: string): Promise<void> {
    const { ecs } = this.#clients;
    const { services } = await ecs.send(new DescribeServicesCommand(this.#service(service)));
    const described = new DescribeTaskDefinitionCommand({
      taskDefinition: services?.[0]?.taskDefinition,
      include: ['TAGS'],
    });
    const { taskDefinition: now, tags } = await ecs.send(described);
    if (!now?.family) throw new Error(`the task definition of ${this.#name(service)} could not be read`);
    const containers = now.containerDefinitions?.map((container) => ({ ...container, ...pull(service, tag) }));
    const next: RegisterTaskDefinitionCommandInput = {
      family: now.family,
      containerDefinitions: containers,
      cpu: now.cpu,
      memory: now.memory,
      networkMode: now.networkMode,
      requiresCompatibilities: now.requiresCompatibilities,
      taskRoleArn: now.taskRoleArn,
      executionRoleArn: now.executionRoleArn,
      ...(tags && tags.length > 0 ? { tags } : {}),
    };
    const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(next));
    await this.#update(service, { taskDefinition: taskDefinition?.taskDefinitionArn });
  }

  /** Starts fresh tasks of the same revision, e.g. so that they read their parameters again. */
  async restart(service: Service): Promise<void> {
    await this.#update(service, { forceNewDeployment: true });
  }

  async scale(service: Service, desiredCount: number): Promise<void> {
    await this.#update(service, { desiredCount });
  }

  /** Stops one task by hand. @throws Error when the service runs none */
  async stopATask(service: Service): Promise<void> {
    const cluster = names.cluster(this.#copy);
    const { taskArns } = await this.#clients.ecs.send(
      new ListTasksCommand({ cluster, serviceName: this.#name(service) }),
    );
    if (!taskArns?.[0]) throw new Error(`${this.#name(service)} runs no task that could be stopped`);
    await this.#clients.ecs.send(new StopTaskCommand({ cluster, task: taskArns[0], reason: 'stopped by an operator' }));
  }

  async write(service: Service, parameter: string, value: string): Promise<void> {
    const Name = names.parameter(this.#copy, service, parameter);
    await this.#clients.ssm.send(new PutParameterCommand({ Name, Value: value, Type: 'String', Overwrite: true }));
  }

  /** Sets a tag of a service. */
  async tag(service: Service, key: string, value: string): Promise<void> {
    const { services } = await this.#clients.ecs.send(new DescribeServicesCommand(this.#service(service)));
    await this.#clients.ecs.send(
      new TagResourceCommand({ resourceArn: services?.[0]?.serviceArn, tags: [{ key, value }] }),
    );
  }

  /** Writes the past of one of a service's own metrics: points of ten seconds, the newest last, up to now. */
  async past(service: Service, metric: string, values: readonly number[]): Promise<void> {
    const now = Math.floor(Date.now() / 10_000) * 10_000;
    const data = values.map((Value, i) => ({
      MetricName: metric,
      Dimensions: [{ Name: 'Service', Value: this.#name(service) }],
      Timestamp: new Date(now - (values.length - i) * 10_000),
      Value,
      StorageResolution: 1,
    }));
    for (let start = 0; start < data.length; start += 500)
      await this.#clients.cloudwatch.send(
        new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData: data.slice(start, start + 500) }),
      );
  }

  /** Writes what a service's log said in the last minute, evenly, the newest last. */
  async said(service: Service, lines: readonly string[]): Promise<void> {
    const now = Date.now();
    const group = { logGroupName: `/shop/${this.#name(service)}`, logStreamName: `past-${now}` };
    const logEvents = lines.map((message, i) => ({
      message,
      timestamp: now - Math.round(((lines.length - i) * 60_000) / (lines.length + 1)),
    }));
    await this.#clients.logs.send(new CreateLogStreamCommand(group));
    await this.#clients.logs.send(new PutLogEventsCommand({ ...group, logEvents }));
  }

  /** Sets one of a service's alarms off by hand, as people do to see whether anybody is called. */
  async tryAlarm(service: Service, alarm: string): Promise<void> {
    const AlarmName = `${this.#name(service)}-${alarm}`;
    const StateReason = 'trying out who is called';
    await this.#clients.cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason }));
  }

  /** Publishes a release of the pricing function and moves the alias to it. */
  async releaseQuote(release: QuoteRelease): Promise<void> {
    const { lambda } = this.#clients;
    const FunctionName = names.quote(this.#copy);
    const ZipFile = zipOf('index.js', quoteCode(release));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName, Description: release }));
    await lambda.send(new UpdateAliasCommand({ FunctionName, Name: QUOTE_ALIAS, FunctionVersion: Version }));
  }

  async #update(service: Service, change: object): Promise<void> {
    const target = { cluster: names.cluster(this.#copy), service: this.#name(service) };
    await this.#clients.ecs.send(new UpdateServiceCommand({ ...target, ...change }));
  }

  #name(service: Service): string {
    return names.service(this.#copy, service);
  }

  #service(service: Service): { cluster: string; services: string[] } {
    return { cluster: names.cluster(this.#copy), services: [this.#name(service)] };
  }
}
