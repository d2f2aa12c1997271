import { GetResourcesCommand, type ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { TAGS } from '../../../layers/core/mode.ts';
import type { Tagged } from '../facts.ts';
import { chunksOf, everyPage } from '../pool.ts';

/** What can be watched and carries tags of its own: an alias has its function's. */
const WATCHABLE = ['ecs:service', 'lambda:function', 'sqs', 'dynamodb:table'];
/** The API's limit for a page of ARNs asked for by name. */
const ARNS_PER_CALL = 100;

/** Everything tagged `prunella:mode`, 100 a call. */
export async function readTagged(aws: Aws): Promise<Tagged[]> {
  return taggedWith(aws, TAGS.mode, WATCHABLE);
}

/** Those of the given ARNs that are tagged `prunella:mode`. */
export async function readTaggedAmong(aws: Aws, arns: readonly Arn[]): Promise<Tagged[]> {
  const answers: Tagged[] = [];
  for (const ResourceARNList of chunksOf(arns, ARNS_PER_CALL)) {
    const { ResourceTagMappingList } = await aws.tagging.send(new GetResourcesCommand({ ResourceARNList }));
    answers.push(...(ResourceTagMappingList ?? []).flatMap(taggedFrom));
  }
  return answers.filter(({ tags }) => TAGS.mode in tags);
}

/** Value of `prunella:resource`, by alarm: only alarms that carry it are listed, so that not each must be asked. */
export async function readAlarmTags(aws: Aws): Promise<Map<Arn, string>> {
  const alarms = await taggedWith(aws, TAGS.resource, ['cloudwatch:alarm']);
  return new Map(alarms.map(({ arn, tags }) => [arn, tags[TAGS.resource] ?? '']));
}

async function taggedWith(aws: Aws, key: string, types: readonly string[]): Promise<Tagged[]> {
  const found = await everyPage(async (PaginationToken) => {
    const answer = await aws.tagging.send(
      new GetResourcesCommand({
        TagFilters: [{ Key: key }],
        ResourceTypeFilters: [...types],
        ResourcesPerPage: 100,
        ...(PaginationToken ? { PaginationToken } : {}),
      }),
    );
    return { items: answer.ResourceTagMappingList, next: answer.PaginationToken };
  });
  return found.flatMap(taggedFrom);
}

function taggedFrom({ ResourceARN, Tags }: ResourceTagMapping): Tagged[] {
  if (!ResourceARN) return [];
  return [{ arn: ResourceARN, tags: Object.fromEntries((Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])) }];
}
