import type { GetResourcesCommandInput } from '@aws-sdk/client-resource-groups-tagging-api';
import { TAGS } from '../../../layers/core/mode.ts';
import { paged, type Answers, type Context } from './answering.ts';

interface Tagged {
  readonly arn: string;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
}

function everything({ fleet, alarms }: Context): Tagged[] {
  const watched = { [TAGS.mode]: 'heal', [TAGS.fleet]: fleet.spec.fleet };
  return [
    ...[...fleet.services.values()].map(({ arn, tags }) => ({ arn, type: 'ecs:service', tags })),
    ...[...fleet.functions.values()].map(({ arn, tags }) => ({ arn, type: 'lambda:function', tags })),
    ...[...fleet.queues.values()].map(({ arn }) => ({ arn, type: 'sqs:queue', tags: watched })),
    ...alarms.all.map(({ arn, tags }) => ({ arn, type: 'cloudwatch:alarm', tags: Object.fromEntries(tags) })),
  ];
}

const isOfType = (type: string, filter: string): boolean => type === filter || type.startsWith(`${filter}:`);

export const answers: Answers = {
  GetResources(input: GetResourcesCommandInput, context) {
    const {
      TagFilters = [],
      ResourceTypeFilters = [],
      ResourceARNList,
      ResourcesPerPage = 50,
      PaginationToken,
    } = input;
    const wanted = everything(context).filter(
      ({ arn, type, tags }) =>
        Object.keys(tags).length > 0 &&
        (ResourceARNList?.includes(arn) ?? true) &&
        (ResourceTypeFilters.length === 0 || ResourceTypeFilters.some((filter) => isOfType(type, filter))) &&
        TagFilters.every(
          ({ Key = '', Values = [] }) => Key in tags && (Values.length === 0 || Values.includes(tags[Key]!)),
        ),
    );
    const { items, next } = paged(wanted, PaginationToken || undefined, ResourcesPerPage, 'PaginationToken');
    return {
      ResourceTagMappingList: items.map(({ arn, tags }) => ({
        ResourceARN: arn,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      })),
      ...next,
    };
  },
};
