import type { Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EcsAccount } from '../account.ts';
import type { TaskDefinitionRecord } from '../model.ts';
import { tagList, taskDefinitionView } from '../views.ts';
import { page, tagsFrom } from './paging.ts';

export function definitionOperations({ definitions }: EcsAccount): Record<string, Operation> {
  return {
    RegisterTaskDefinition: (input, caller) => {
      const record = definitions.register(input, tagsFrom(input.tags));
      const registeredBy = `arn:aws:iam::${caller.accountId}:root`;
      return { taskDefinition: { ...taskDefinitionView(record), registeredBy }, tags: tagList(record.tags) };
    },
    DescribeTaskDefinition: (input) => {
      const record = definitions.find(input.taskDefinition ?? '');
      if (!record) throw new AwsError('ClientException', 'Unable to describe task definition.');
      const tags = (input.include ?? []).includes('TAGS') ? { tags: tagList(record.tags) } : {};
      return { taskDefinition: taskDefinitionView(record), ...tags };
    },
    DeregisterTaskDefinition: (input) => ({
      taskDefinition: taskDefinitionView(definitions.deregister(input.taskDefinition ?? '')),
    }),
    ListTaskDefinitions: (input) => {
      const arns = definitions
        .all()
        .filter(({ status }) => status === (input.status ?? 'ACTIVE'))
        .filter(({ family }) => !input.familyPrefix || family === input.familyPrefix)
        .sort((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision)
        .map(({ arn }) => arn);
      return page('taskDefinitionArns', input.sort === 'DESC' ? arns.toReversed() : arns, input);
    },
    ListTaskDefinitionFamilies: (input) => {
      const chosen = definitions.all().filter(({ family }) => family.startsWith(input.familyPrefix ?? ''));
      const families = [...new Set(chosen.map(({ family }) => family))].sort();
      const active = (family: string): boolean => chosen.some((one) => one.family === family && isActive(one));
      const wanted: string = input.status ?? 'ALL';
      const fitting = families.filter((family) => wanted === 'ALL' || active(family) === (wanted === 'ACTIVE'));
      return page('families', fitting, input);
    },
  };
}

function isActive({ status }: TaskDefinitionRecord): boolean {
  return status === 'ACTIVE';
}
