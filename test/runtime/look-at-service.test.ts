import { DescribeServicesCommand, DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import { expect, test } from 'vitest';
import type { Aws, AwsCommand } from '../../layers/core/aws.ts';
import { lookAtService } from '../../layers/runtime/observe/ecs.ts';

const arn = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const task = (n: number) => `arn:aws:ecs:eu-west-1:111122223333:task/prod/${n}`;

/** A service of so many tasks at 10.0.0.0, 10.0.0.1, …, behind target groups of which each says which are unhealthy. */
function awsOf(tasks: number, unhealthy: Readonly<Record<string, readonly string[]>>): Aws {
  const ecs = (command: AwsCommand<unknown>): unknown => {
    if (command instanceof DescribeServicesCommand)
      return {
        services: [
          { serviceArn: arn, loadBalancers: Object.keys(unhealthy).map((targetGroupArn) => ({ targetGroupArn })) },
        ],
      };
    if (command instanceof ListTasksCommand)
      return {
        taskArns: command.input.desiredStatus === 'STOPPED' ? [] : Array.from({ length: tasks }, (_, n) => task(n)),
      };
    if (command instanceof DescribeTasksCommand) {
      return {
        tasks: command.input.tasks?.map((taskArn) => ({
          taskArn,
          lastStatus: 'RUNNING',
          attachments: [{ details: [{ name: 'privateIPv4Address', value: `10.0.0.${taskArn.split('/').at(-1)}` }] }],
        })),
      };
    }
    throw new Error(`${command.constructor.name} should not be sent`);
  };
  const elb = ({ input: { TargetGroupArn } }: { input: { TargetGroupArn: string } }): unknown => ({
    TargetHealthDescriptions: Array.from({ length: tasks }, (_, n) => ({
      Target: { Id: `10.0.0.${n}`, Port: 80 },
      TargetHealth: { State: unhealthy[TargetGroupArn]?.includes(`10.0.0.${n}`) ? 'unhealthy' : 'healthy' },
    })),
  });
  return {
    ecs: { send: (command: AwsCommand<unknown>) => Promise.resolve(ecs(command)) },
    elbv2: { send: (command: never) => Promise.resolve(elb(command)) },
  } as unknown as Aws;
}

test.each([[{ first: ['10.0.0.1'], second: [] }], [{ first: [], second: ['10.0.0.1'] }]])(
  'a task that is unhealthy in one of two target groups is unhealthy: %j',
  async (unhealthy) => {
    const { state } = await lookAtService(arn, awsOf(3, unhealthy));

    expect(state.tasks.map(({ targetHealth }) => targetHealth)).toEqual(['healthy', 'unhealthy', 'healthy']);
  },
);
