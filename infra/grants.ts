import { Aws, Fn } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Action, Grant } from '../layers/core/action.ts';
import { parseArn } from '../layers/core/arn.ts';
import { TAGS } from '../layers/core/mode.ts';
import { ACCOUNT, ANY, OPEN_ARN, REGION, samples } from './sample.ts';

/** Modes in which Prunella acts: alone, or after a person agreed. */
export const ACTING_MODES = ['approve', 'heal'];

/**
 * What the role of an action may do: its own declaration, asked about any resource of this account and Region. A later
 * session policy narrows it to the resource in hand.
 *
 * `iam:PassRole` is granted for the roles named at deploy only, and to ECS tasks only; with none named it is left out,
 * and an action that needs it refuses.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- actions of all parameter types stand side by side
export function statementsOf(action: Action<any>, passRoles: readonly string[]): PolicyStatement[] {
  const grants = samples(action.params, `${action.name} params`).flatMap((params) => action.writes(params));
  const seen = new Set<string>();
  return grants.flatMap((grant) => {
    const key = JSON.stringify(grant);
    if (seen.has(key)) return [];
    seen.add(key);
    const passing = grant.actions.filter((name) => name === 'iam:PassRole');
    const others = { ...grant, actions: grant.actions.filter((name) => name !== 'iam:PassRole') };
    return [
      ...(others.actions.length > 0 ? [statement(action.name, others)] : []),
      ...(passing.length > 0 && passRoles.length > 0 ? [passRole(passRoles)] : []),
    ];
  });
}

function passRole(roles: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: ['iam:PassRole'],
    resources: [...roles],
    conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  });
}

function statement(name: string, grant: Grant): PolicyStatement {
  const bad = grant.actions.find((action) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action));
  if (bad !== undefined)
    throw new Error(`action ${name} declares ${bad}; supply whole AWS action names such as ecs:UpdateService`);
  const tag = grant.tagged ? { [`aws:ResourceTag/${TAGS.mode}`]: ACTING_MODES } : {};
  const conditions = wild(grant.condition ?? {}) as Record<string, Record<string, unknown>>;
  const equals = { ...conditions['StringEquals'], ...tag };
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...grant.actions],
    resources: [...new Set(grant.on.map((on) => resource(on, grant)))],
    conditions: { ...conditions, ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}) },
  });
}

/** An ARN of open type becomes all of this account and Region that the AWS service in question has. */
function resource(on: string, grant: Grant): string {
  if (on === '*') return on;
  if (on !== OPEN_ARN && parseArn(on).service !== 'open') return wild(on) as string;
  const service = grant.actions[0]!.split(':')[0]!;
  return Fn.join(':', ['arn', Aws.PARTITION, service, Aws.REGION, Aws.ACCOUNT_ID, '*']);
}

function wild(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wild);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, wild(field)]));
  }
  if (typeof value !== 'string') return value;
  return value
    .replaceAll(OPEN_ARN, '*')
    .replaceAll('arn:aws:', `arn:${Aws.PARTITION}:`)
    .replaceAll(REGION, Aws.REGION)
    .replaceAll(ACCOUNT, Aws.ACCOUNT_ID)
    .replaceAll(new RegExp(`\\b${ANY}\\b`, 'g'), '*');
}
