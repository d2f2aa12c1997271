import type { Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EcsAccount } from '../account.ts';
import type { Tags } from '../model.ts';
import { tagList } from '../views.ts';

export function tagOperations(account: EcsAccount): Record<string, Operation> {
  return {
    TagResource: (input) => {
      const tags = tagsOf(account, input.resourceArn ?? '');
      for (const { key, value } of input.tags ?? []) tags.set(key, value ?? '');
      return {};
    },
    UntagResource: (input) => {
      const tags = tagsOf(account, input.resourceArn ?? '');
      for (const key of input.tagKeys ?? []) tags.delete(key);
      return {};
    },
    ListTagsForResource: (input) => ({ tags: tagList(tagsOf(account, input.resourceArn ?? '')) }),
  };
}

function tagsOf({ services, tasks, definitions }: EcsAccount, arn: string): Tags {
  const kind = arn.split(':')[5]?.split('/')[0];
  const found =
    kind === 'cluster'
      ? [...services.clusters.values()].find((one) => one.arn === arn)
      : kind === 'service'
        ? services.all().find((one) => one.arn === arn)
        : kind === 'task-definition'
          ? definitions.find(arn)
          : tasks.all().find((one) => one.arn === arn);
  if (!found) throw new AwsError('InvalidParameterException', `The specified resource is not found: ${arn}`);
  return found.tags;
}
