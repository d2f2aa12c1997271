import { describe, expect, test } from 'vitest';
import { SESSION_POLICY_LIMIT, sessionPolicy } from '../../layers/core/session-policy.ts';

const service = (name: string): string => `arn:aws:ecs:eu-west-1:111122223333:service/cluster/${name}`;
const role = 'arn:aws:iam::111122223333:role/task';

describe('sessionPolicy', () => {
  test('merges grants on the same resources and sorts what it holds', () => {
    const grants = [
      { actions: ['ecs:UpdateService'], on: [service('b'), service('a')] },
      { actions: ['ecs:DescribeServices', 'ecs:UpdateService'], on: [service('a'), service('b')] },
      { actions: ['ecs:StopTask'], on: ['arn:aws:ecs:eu-west-1:111122223333:task/cluster/*'] },
    ];

    expect(JSON.parse(sessionPolicy(grants))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
          Resource: [service('a'), service('b')],
        },
        { Effect: 'Allow', Action: ['ecs:StopTask'], Resource: ['arn:aws:ecs:eu-west-1:111122223333:task/cluster/*'] },
      ],
    });
    expect(sessionPolicy(grants.toReversed())).toBe(sessionPolicy(grants));
  });

  test('keeps a condition, and apart from what has none', () => {
    const condition = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
    const { Statement } = JSON.parse(
      sessionPolicy([
        { actions: ['iam:PassRole'], on: [role], condition },
        { actions: ['iam:GetRole'], on: [role] },
      ]),
    ) as { Statement: unknown[] };

    expect(Statement).toHaveLength(2);
    expect(Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource: [role],
      Condition: condition,
    });
    expect(Statement).toContainEqual({ Effect: 'Allow', Action: ['iam:GetRole'], Resource: [role] });
  });

  test('of no grants denies everything', () => {
    expect(JSON.parse(sessionPolicy([]))).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'] }],
    });
  });

  test('refuses a grant without actions or resources: IAM would', () => {
    expect(() => sessionPolicy([{ actions: ['ecs:UpdateService'], on: [] }])).toThrow(
      'got ecs:UpdateService on nothing',
    );
    expect(() => sessionPolicy([{ actions: [], on: [role] }])).toThrow(`got nothing on ${role}`);
  });

  test('stays under the limit of STS, or says how much too long it is', () => {
    const on = (count: number) => [
      { actions: ['ecs:UpdateService'], on: Array.from({ length: count }, (_, n) => service(`service-${n}`)) },
    ];

    expect(sessionPolicy(on(25)).length).toBeLessThan(SESSION_POLICY_LIMIT);
    expect(() => sessionPolicy(on(40))).toThrow(
      /must stay under 2048 characters, got \d{4} from 1 grants on 40 resources/,
    );
  });
});
