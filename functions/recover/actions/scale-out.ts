import * as z from 'zod';
import { ChangedMeanwhile, defineAction } from '../../../layers/core/action.ts';
import { parseArn, ServiceArn } from '../../../layers/core/arn.ts';
import { hours, minutes, seconds } from '../../../layers/core/units.ts';
import { deploymentSettled, describeService, refusalsWhileDeploying } from '../support/ecs.ts';
import { restoreField } from '../support/restore.ts';
import { isIdle, minimumOf, readCapacity, writeCapacity } from '../support/scaling.ts';

/**
 * Application Auto Scaling refuses RegisterScalableTarget to whoever could not scale the service and keep its alarms themselves
 * ("Permissions validation for Application Auto Scaling API calls on target resources"): it tries each call in the caller's
 * name, with parameters that change nothing. Prunella never makes these calls, so that the rights hold through AWS alone.
 */
const VIA_AWS = { Bool: { 'aws:ViaAWSService': 'true' } };

export const action = defineAction({
  name: 'scale-out',
  summary: 'Adds half as many tasks again and one; takes them away when the load has fallen.',
  heals: [{ resource: 'ecs-service', faults: ['overload'], prior: { alpha: 6, beta: 2 } }],
  risk: 'R1',
  params: z.object({
    service: ServiceArn,
    field: z.enum(['desiredCount', 'minCapacity']),
    to: z.number().int().min(2),
  }),
  destroysEvidence: false,
  settles: { typical: seconds(90), atMost: minutes(5) },
  cooldown: minutes(3),
  disruption: 0,
  afterwards: { kind: 'revert', due: ({ service }, aws, now) => isIdle(service, aws, now), atLatest: hours(24) },

  propose({ resource, evidence }) {
    const state = evidence.services.find((service) => service.resource === resource.arn);
    if (!state) return { unfit: 'the state of the service could not be read' };
    const { scalableTarget } = resource;
    // What is too much for few tasks is soon too much for one more of them: what was rejected shows in no metric.
    const wanted = state.desired + Math.ceil(state.desired / 2) + 1;
    const to = Math.min(wanted, scalableTarget?.max ?? wanted);
    if (to <= state.desired) return { unfit: `its autoscaler allows ${to} tasks at most, and it has ${state.desired}` };
    return { service: resource.arn, field: scalableTarget ? 'minCapacity' : 'desiredCount', to } as const;
  },
  touches: ({ service }) => [service],
  writes({ service, field }) {
    if (field === 'desiredCount') return [{ actions: ['ecs:UpdateService'], on: [service], tagged: true }];
    const { partition, region, account } = parseArn(service);
    const of = (kind: string, resource: string) => `arn:${partition}:${kind}:${region}:${account}:${resource}`;
    return [
      {
        actions: ['application-autoscaling:RegisterScalableTarget'],
        on: [of('application-autoscaling', 'scalable-target/*')],
        condition: { StringEquals: { 'application-autoscaling:service-namespace': 'ecs' } },
      },
      { actions: ['ecs:DescribeServices', 'ecs:UpdateService'], on: [service], tagged: true, condition: VIA_AWS },
      {
        actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
        on: [of('cloudwatch', 'alarm:*')],
        condition: VIA_AWS,
      },
    ];
  },

  async preconditions({ service: arn, field, to }, aws) {
    const service = await describeService(arn, aws);
    const reasons = refusalsWhileDeploying(service);
    if ((service.desiredCount ?? 0) >= to)
      reasons.push(`it already wants ${service.desiredCount} tasks, ${to} were planned`);
    const limits = await minimumOf(arn, aws);
    if (field === 'desiredCount' && limits)
      reasons.push('an autoscaler sets its count now: its minimum must be raised instead');
    if (limits && to > limits.max) reasons.push(`its autoscaler allows ${limits.max} tasks at most`);
    return reasons;
  },
  async intend({ service, field, to }, aws) {
    return [{ resource: service, field, was: (await readCapacity(field, service, aws)) ?? null, becomes: to }];
  },
  async apply(mutation, aws) {
    const now = await readCapacity(mutation.field, mutation.resource, aws);
    if (now === mutation.becomes) return;
    if (now !== mutation.was) throw new ChangedMeanwhile(mutation, now);
    await writeCapacity(mutation.field, mutation.resource, Number(mutation.becomes), aws);
  },
  async settled({ service, field, to }, aws) {
    // The autoscaler follows its new minimum within a minute or so: until then, as many tasks run as are wanted.
    if (field === 'minCapacity' && ((await describeService(service, aws)).desiredCount ?? 0) < to) return 'not-yet';
    return deploymentSettled(service, aws);
  },
  async undo(mutation, aws) {
    const now = await readCapacity(mutation.field, mutation.resource, aws);
    return restoreField(now, mutation, () =>
      writeCapacity(mutation.field, mutation.resource, Number(mutation.was), aws),
    );
  },
});
