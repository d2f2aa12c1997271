import { DescribeServicesCommand, DescribeTasksCommand, type Service } from '@aws-sdk/client-ecs';
import { DescribeParametersCommand, type ParameterMetadata } from '@aws-sdk/client-ssm';
import { ecsServiceOf, parseArn, type Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Look } from './feed.ts';

/** Looks with the read-only role. `DescribeParameters` answers versions without values. */
export function lookWith(readerFor: (arn: Arn) => Promise<Aws>): Look {
  const describe = async (arn: Arn): Promise<Service | undefined> => {
    const { cluster } = ecsServiceOf(arn);
    const aws = await readerFor(arn);
    const { services } = await aws.ecs.send(new DescribeServicesCommand({ cluster, services: [arn] }));
    return services?.[0];
  };
  return {
    async revisionOf(service, deployment) {
      const found = await describe(service);
      return found?.deployments?.find(({ id }) => id === deployment)?.taskDefinition;
    },
    async groupOf(cluster, task) {
      const aws = await readerFor(cluster);
      const { tasks } = await aws.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] }));
      const { taskArn, group } = tasks?.[0] ?? {};
      return taskArn && group ? { task: taskArn, group } : undefined;
    },
    async desiredCountOf(service) {
      return (await describe(service))?.desiredCount;
    },
    async parameterVersionOf(parameter) {
      const aws = await readerFor(parameter);
      const name = parseArn(parameter).resource.slice('parameter'.length);
      // A parameter outside any path has no leading slash in its name, but in its ARN.
      const Values = name.lastIndexOf('/') === 0 ? [name.slice(1), name] : [name];
      const found = await firstParameter(aws, Values);
      if (found?.Version === undefined || !found.LastModifiedDate) return undefined;
      return { version: found.Version, since: found.LastModifiedDate.toISOString() };
    },
  };
}

/** SSM looks through so many pages for a filter, most of which may be empty. */
const PAGES_AT_MOST = 20;

async function firstParameter(aws: Aws, Values: string[]): Promise<ParameterMetadata | undefined> {
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const answer = await aws.ssm.send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values }],
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    const found = answer.Parameters?.[0];
    NextToken = answer.NextToken || undefined;
    if (found || NextToken === undefined) return found;
  }
  return undefined;
}
