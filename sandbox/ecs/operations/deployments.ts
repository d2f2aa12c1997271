import type { Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EcsAccount } from '../account.ts';
import { failureThreshold } from '../breaker.ts';
import type { ServiceDeploymentRecord, ServiceRecord } from '../model.ts';
import { revisionView, serviceDeploymentBrief, serviceDeploymentView } from '../views.ts';
import { page } from './paging.ts';

export function deploymentOperations(account: EcsAccount): Record<string, Operation> {
  return {
    ListServiceDeployments: (input) => list(account, input),
    DescribeServiceDeployments: (input) => describe(account, input),
    DescribeServiceRevisions: (input) => describeRevisions(account, input),
    StopServiceDeployment: (input) => stop(account, input),
  };
}

type Input = Parameters<Operation>[0];

function find(
  account: EcsAccount,
  arn: string,
): { service: ServiceRecord; record: ServiceDeploymentRecord } | undefined {
  for (const service of account.services.all()) {
    const record = service.history.find((one) => one.arn === arn);
    if (record) return { service, record };
  }
  return undefined;
}

function list({ services }: EcsAccount, input: Input): unknown {
  const service = services.need(input.cluster ?? clusterOf(input.service), input.service);
  const after = new Date(input.createdAt?.after ?? 0).getTime();
  const before = input.createdAt?.before ? new Date(input.createdAt.before).getTime() : Infinity;
  const wanted: string[] | undefined = input.status;
  const fitting = service.history
    .filter(({ status }) => !wanted?.length || wanted.includes(status))
    .filter(({ createdAt }) => createdAt > after && createdAt < before)
    .map((record) => serviceDeploymentBrief(service, record));
  return page('serviceDeployments', fitting, input);
}

function describe(account: EcsAccount, input: Input): unknown {
  const arns: string[] = input.serviceDeploymentArns ?? [];
  const found = arns.map((arn) => ({ arn, at: find(account, arn) }));
  return {
    serviceDeployments: found.flatMap(({ at }) => {
      if (!at) return [];
      const breaker = at.service.deploymentConfiguration.deploymentCircuitBreaker;
      const threshold = failureThreshold(breaker, at.service.desiredCount);
      return serviceDeploymentView(at.service, at.record, account.tasks.all(), threshold);
    }),
    failures: found.flatMap(({ arn, at }) => (at ? [] : { arn, reason: 'MISSING' })),
  };
}

function describeRevisions({ services, definitions }: EcsAccount, input: Input): unknown {
  const arns: string[] = input.serviceRevisionArns ?? [];
  const revisions = services.all().flatMap((service) => service.revisions.map((revision) => ({ service, revision })));
  const found = arns.map((arn) => ({ arn, at: revisions.find(({ revision }) => revision.arn === arn) }));
  return {
    serviceRevisions: found.flatMap(({ at }) =>
      at ? revisionView(at.service, at.revision, definitions.find(at.revision.taskDefinition)) : [],
    ),
    failures: found.flatMap(({ arn, at }) => (at ? [] : { arn, reason: 'MISSING' })),
  };
}

function stop(account: EcsAccount, input: Input): unknown {
  const found = find(account, input.serviceDeploymentArn ?? '');
  if (!found) throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.');
  if (!account.rollouts.stop(found.service, found.record, input.stopType ?? 'ROLLBACK')) {
    throw new AwsError(
      'ConflictException',
      `The service deployment cannot be stopped in its status ${found.record.status}, or has no completed revision to go back to.`,
    );
  }
  return { serviceDeploymentArn: found.record.arn };
}

/** The cluster in a service's ARN, for callers that give only that. */
function clusterOf(service: string | undefined): string | undefined {
  return service?.startsWith('arn:') ? service.split('/').at(-2) : undefined;
}
