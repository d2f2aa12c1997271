import { randomUUID } from 'node:crypto';
import { AwsError, type DeployedResource, type Operation, type SandboxContext } from '../contract.ts';
import type { Ecs } from '../ecs/index.ts';
import type { Clock } from '../elb/clock.ts';
import { activityView, DIMENSION, NAMESPACE, policyView, targetView } from './views.ts';
import type { Activity, ScalableTarget, ScalingPolicy } from './views.ts';

type Input = Parameters<Operation>[0];

const KEPT_ACTIVITIES = 50;

/** The part of ECS that scaling needs. */
export type Scaled = Pick<Ecs, 'desiredCount' | 'setDesiredCount'>;

/** The scalable targets and scaling policies of the account. */
export class Scaling {
  readonly #targets = new Map<string, ScalableTarget>();
  readonly #policies = new Map<string, ScalingPolicy>();
  readonly #activities: Activity[] = [];
  readonly #adopted = new Map<string, string>();
  readonly #context: SandboxContext;
  readonly #ecs: Scaled;
  readonly #clock: Clock;

  constructor(context: SandboxContext, ecs: Scaled, clock: Clock) {
    this.#context = context;
    this.#ecs = ecs;
    this.#clock = clock;
  }

  /** Sets or changes the limits; a desired count outside them is moved to the nearer one. */
  register(input: Input): ScalableTarget {
    const resourceId = resourceIdOf(input);
    const known = this.#targets.get(resourceId);
    const min = numberOf(input.MinCapacity) ?? known?.minCapacity;
    const max = numberOf(input.MaxCapacity) ?? known?.maxCapacity;
    if (min === undefined || max === undefined)
      throw invalid('MinCapacity and MaxCapacity are required to register a scalable target');
    if (min > max) throw invalid(`Maximum capacity cannot be less than minimum capacity, got ${min} to ${max}`);
    const target: ScalableTarget = known ?? {
      arn: this.#arn(`scalable-target/${randomUUID().replaceAll('-', '').slice(0, 32)}`),
      resourceId,
      roleArn:
        input.RoleARN ??
        `arn:aws:iam::${this.#context.accountId}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      createdAt: this.#clock.now(),
      minCapacity: min,
      maxCapacity: max,
      suspended: {},
      tags: new Map(Object.entries((input.Tags ?? {}) as Record<string, string>)),
    };
    this.#keepWithin(resourceId, min, max);
    Object.assign(target, { minCapacity: min, maxCapacity: max });
    if (input.SuspendedState) target.suspended = { ...target.suspended, ...input.SuspendedState };
    this.#targets.set(resourceId, target);
    return target;
  }

  deregister(input: Input): Record<string, never> {
    const resourceId = resourceIdOf(input);
    if (!this.#targets.delete(resourceId)) throw missing(`No scalable target found for ${resourceId}`);
    for (const [key, policy] of this.#policies) if (policy.resourceId === resourceId) this.#policies.delete(key);
    return {};
  }

  describeTargets(input: Input): unknown {
    needNamespace(input);
    const chosen = [...this.#targets.values()]
      .filter(({ resourceId }) => !input.ResourceIds?.length || input.ResourceIds.includes(resourceId))
      .map(targetView);
    return page('ScalableTargets', chosen, input);
  }

  /** @param arn the one it should have, e.g. what CloudFormation said it has */
  putPolicy(input: Input, arn?: string): ScalingPolicy {
    const resourceId = resourceIdOf(input);
    if (!this.#targets.has(resourceId)) throw missing(`No scalable target registered for ${resourceId}`);
    const key = `${resourceId} ${input.PolicyName}`;
    const known = this.#policies.get(key);
    const policy: ScalingPolicy = {
      arn: known?.arn ?? (arn?.startsWith('arn:') ? arn : this.#policyArn(resourceId, input.PolicyName)),
      name: input.PolicyName,
      resourceId,
      type: input.PolicyType ?? known?.type ?? 'StepScaling',
      createdAt: known?.createdAt ?? this.#clock.now(),
      configuration: pick(input, [
        'StepScalingPolicyConfiguration',
        'TargetTrackingScalingPolicyConfiguration',
        'PredictiveScalingPolicyConfiguration',
      ]),
    };
    this.#policies.set(key, policy);
    return policy;
  }

  deletePolicy(input: Input): Record<string, never> {
    const resourceId = resourceIdOf(input);
    if (!this.#policies.delete(`${resourceId} ${input.PolicyName}`))
      throw missing(`No scaling policy found for ${resourceId} named ${input.PolicyName}`);
    return {};
  }

  describePolicies(input: Input): unknown {
    needNamespace(input);
    const chosen = [...this.#policies.values()]
      .filter(({ resourceId }) => !input.ResourceId || input.ResourceId === resourceId)
      .filter(
        ({ name, arn }) =>
          !input.PolicyNames?.length || input.PolicyNames.includes(name) || input.PolicyNames.includes(arn),
      )
      .map(policyView);
    return page('ScalingPolicies', chosen, input);
  }

  describeActivities(input: Input): unknown {
    needNamespace(input);
    const chosen = this.#activities.filter(({ resourceId }) => !input.ResourceId || input.ResourceId === resourceId);
    return page('ScalingActivities', chosen.map(activityView), input);
  }

  tags(arn: string): Record<string, string> {
    const target = [...this.#targets.values()].find((one) => one.arn === arn);
    if (!target) throw missing(`The specified resource doesn't exist: ${arn}`);
    return Object.fromEntries(target.tags);
  }

  adopt(resources: readonly DeployedResource[]): void {
    const ofType = (type: string): DeployedResource[] =>
      resources.filter((one) => one.type === `AWS::ApplicationAutoScaling::${type}` && this.#isNew(one));
    for (const { properties } of ofType('ScalableTarget')) this.register(properties);
    for (const { properties, physicalId } of ofType('ScalingPolicy'))
      this.putPolicy({ ...properties, ...targetOf(properties, this.#targets) }, physicalId);
  }

  /** What a template does not change is left as it is, as CloudFormation does. */
  #isNew({ stackName, logicalId, properties }: DeployedResource): boolean {
    const key = `${stackName}/${logicalId}`;
    const now = JSON.stringify(properties);
    if (this.#adopted.get(key) === now) return false;
    this.#adopted.set(key, now);
    return true;
  }

  #keepWithin(resourceId: string, min: number, max: number): void {
    const [, cluster = '', service = ''] = resourceId.split('/');
    const current = this.#ecs.desiredCount(cluster, service);
    const wanted = Math.min(max, Math.max(min, current));
    if (wanted === current) return;
    this.#ecs.setDesiredCount(cluster, service, wanted);
    const limit = wanted > current ? 'minimum' : 'maximum';
    this.#activities.unshift({
      id: randomUUID(),
      resourceId,
      description: `Setting desired count to ${wanted}.`,
      cause: `${limit} capacity was set to ${wanted}`,
      at: this.#clock.now(),
    });
    this.#activities.splice(KEPT_ACTIVITIES);
  }

  #arn(rest: string): string {
    return `arn:aws:application-autoscaling:${this.#context.region}:${this.#context.accountId}:${rest}`;
  }

  #policyArn(resourceId: string, name: string): string {
    const { region, accountId } = this.#context;
    return `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${randomUUID()}:resource/ecs/${resourceId}:policyName/${name}`;
  }
}

function resourceIdOf(input: Input): string {
  needNamespace(input);
  if (input.ScalableDimension !== DIMENSION)
    throw invalid(`scale the dimension ${DIMENSION}, got ${input.ScalableDimension}`);
  if (!/^service\/[^/]+\/[^/]+$/.test(input.ResourceId ?? ''))
    throw invalid(`name the resource as service/cluster/name, got ${input.ResourceId}`);
  return input.ResourceId;
}

function needNamespace(input: Input): void {
  if (input.ServiceNamespace !== NAMESPACE)
    throw invalid(`the local account scales the namespace ${NAMESPACE}, got ${input.ServiceNamespace}`);
}

/** A policy in a template may name its target by `ScalingTargetId` instead: `resource|dimension|namespace`, or its ARN. */
function targetOf(properties: Input, targets: ReadonlyMap<string, ScalableTarget>): Record<string, string> {
  const id: string | undefined = properties.ScalingTargetId;
  if (!id) return {};
  const [named] = id.split('|');
  const byArn = [...targets.values()].find(({ arn }) => arn === id);
  const only = targets.size === 1 ? [...targets.keys()][0] : undefined;
  const ResourceId = byArn?.resourceId ?? (named?.startsWith('service/') ? named : only) ?? id;
  return { ResourceId, ServiceNamespace: NAMESPACE, ScalableDimension: DIMENSION };
}

function page(member: string, all: readonly unknown[], input: Input): Record<string, unknown> {
  const from = Number(input.NextToken ?? 0);
  const to = from + Number(input.MaxResults ?? 50);
  return { [member]: all.slice(from, to), ...(to < all.length ? { NextToken: String(to) } : {}) };
}

function pick(input: Input, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])));
}

function numberOf(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(value);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function missing(message: string): AwsError {
  return new AwsError('ObjectNotFoundException', message);
}
