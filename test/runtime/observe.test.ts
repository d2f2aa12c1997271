import type { GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import type { Aws } from '../../layers/core/aws.ts';
import type { Criterion } from '../../layers/core/criterion.ts';
import { lookAtService } from '../../layers/runtime/observe/ecs.ts';
import { readMetrics } from '../../layers/runtime/observe/metrics.ts';

const SERVICE = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/web';

/** A service whose tasks ECS lists a hundred a page. */
function serviceOf(count: number): Aws {
  const arns = Array.from({ length: count }, (_, n) => `arn:aws:ecs:eu-west-1:111122223333:task/prod/${n}`);
  const answers: Readonly<Record<string, (input: Record<string, unknown>) => object>> = {
    DescribeServicesCommand: () => ({ services: [{ serviceArn: SERVICE, desiredCount: count, runningCount: count }] }),
    ListTasksCommand: ({ desiredStatus, nextToken }) => {
      const from = Number(nextToken ?? 0);
      if (desiredStatus === 'STOPPED') return { taskArns: [] };
      return {
        taskArns: arns.slice(from, from + 100),
        ...(from + 100 < count ? { nextToken: String(from + 100) } : {}),
      };
    },
    DescribeTasksCommand: ({ tasks }) => ({
      tasks: (tasks as string[]).map((taskArn) => ({ taskArn, lastStatus: 'RUNNING' })),
    }),
  };
  const send = async (command: { input: Record<string, unknown> }) =>
    answers[command.constructor.name]?.(command.input) ?? {};
  return { ecs: { send }, elbv2: { send } } as unknown as Aws;
}

describe('a look at a service', () => {
  it('sees all of its tasks, a page after the other', async () => {
    const { state, gaps } = await lookAtService(SERVICE, serviceOf(250));

    expect(state.tasks).toHaveLength(250);
    expect(gaps).toEqual([]);
  });

  it('says so where there are more than it looks at', async () => {
    const { state, gaps } = await lookAtService(SERVICE, serviceOf(720));

    expect(state.tasks).toHaveLength(500);
    expect(gaps).toEqual([`${SERVICE} has more than 500 running tasks: the others were not looked at`]);
  });
});

it('a metric that CloudWatch could not read is a gap, not a metric without points', async () => {
  const criterion = (id: string): Criterion => ({
    id,
    resource: SERVICE,
    role: 'target',
    queries: [{ id: 'm', namespace: 'AWS/ECS', metric: id, dimensions: {}, stat: 'Average', period: 60 }],
    returns: 'm',
    comparison: 'GreaterThanThreshold',
    threshold: 80,
    period: 60,
    missing: 'missing',
    trafficFloor: 1,
  });
  const send = async ({ input: { MetricDataQueries = [] } }: { input: GetMetricDataCommandInput }) => ({
    MetricDataResults: MetricDataQueries.map(({ Id }, n) =>
      n === 0
        ? { Id, StatusCode: 'InternalError', Messages: [{ Code: 'Internal', Value: 'try again' }] }
        : { Id, StatusCode: 'Complete', Timestamps: [new Date(0)], Values: [1] },
    ),
  });
  const aws = { cloudwatch: { send } } as unknown as Aws;

  const { gaps } = await readMetrics(
    [criterion('CPUUtilization'), criterion('MemoryUtilization')],
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T00:05:00.000Z',
    aws,
  );

  expect(gaps).toEqual([`CPUUtilization of ${SERVICE} could not be read: InternalError, try again`]);
});
