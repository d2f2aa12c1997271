import type {
  DescribeScalableTargetsCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import { registerScalable } from '../model/writes.ts';
import { AwsError, paged, type Answers } from './answering.ts';

const DIMENSION = 'ecs:service:DesiredCount';

export const answers: Answers = {
  DescribeScalableTargets(input: DescribeScalableTargetsCommandInput, { fleet }) {
    const { ServiceNamespace, ResourceIds, NextToken, MaxResults = 50 } = input;
    const all = ServiceNamespace === 'ecs' ? [...fleet.services.values()] : [];
    const targets = all.flatMap(({ spec, scalable }) => {
      const ResourceId = `service/${fleet.names.cluster}/${spec.name}`;
      if (!scalable || (ResourceIds && !ResourceIds.includes(ResourceId))) return [];
      const { min: MinCapacity, max: MaxCapacity } = scalable;
      return [{ ServiceNamespace, ResourceId, ScalableDimension: DIMENSION, MinCapacity, MaxCapacity }];
    });
    const { items, next } = paged(targets, NextToken, MaxResults, 'NextToken');
    return { ScalableTargets: items, ...next };
  },

  RegisterScalableTarget(input: RegisterScalableTargetCommandInput, { fleet, by }) {
    const service = fleet.services.get(input.ResourceId?.split('/').at(-1) ?? '');
    if (!service || input.ServiceNamespace !== 'ecs' || input.ScalableDimension !== DIMENSION)
      throw new AwsError('ValidationException', `ECS service doesn't exist: ${input.ResourceId}`);
    const { MinCapacity: min, MaxCapacity: max } = input;
    if (!service.scalable && (min === undefined || max === undefined))
      throw new AwsError(
        'ValidationException',
        'Both MinCapacity and MaxCapacity are required to register a new target',
      );
    if ((min ?? service.scalable?.min ?? 0) > (max ?? service.scalable?.max ?? 0))
      throw new AwsError('ValidationException', 'Maximum capacity cannot be less than minimum capacity');
    registerScalable(
      fleet,
      service,
      { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
      by,
    );
    return {};
  },
};
