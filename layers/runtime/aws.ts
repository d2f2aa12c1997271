import type { Grant } from '../core/action.ts';
import { parseArn } from '../core/arn.ts';
import type { Arn } from '../core/arn.ts';
import type { Aws, AwsClient, AwsCommand, AwsService } from '../core/aws.ts';
import { AWS_SERVICES } from '../core/aws.ts';
import { sessionPolicy } from '../core/session-policy.ts';
import { assumedRole } from './assumed-role.ts';
import { operationOf, through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';
import './clients/common.ts';
import { makeClient, serviceClient } from './clients/registry.ts';
import { config } from './env.ts';
import { LastUsed } from './last-used.ts';
import type { Session } from './runtime.ts';

/** By account, Region and session: connections are kept between invocations, those used last. */
const cache = new LastUsed<Aws>(32);

/**
 * Clients for the account and Region of an ARN; each is made when it is first used.
 * @param session default: the function's own rights
 */
export function awsFor(arn: Arn, session?: Session): Aws {
  const { account, region } = parseArn(arn);
  const where = region || config().region;
  const key = [account, where, session?.name ?? ''].join('/');
  return cache.get(key, () => clientsIn(where, session));
}

function clientsIn(region: string, session: Session | undefined): Aws {
  const settings = { ...clientDefaults(), region, ...(session && { credentials: session.credentials }) };
  const whence = { region, ...(session && { session }) };
  return lazily((service) => through(service, () => makeClient(service, settings), whence));
}

/** Clients with the read-only role, or the function's own rights where there is none. */
export async function readerAws(arn: Arn): Promise<Aws> {
  const role = config().readerRoleArn;
  if (!role) return awsFor(arn);
  return awsFor(arn, { name: role, role, credentials: assumedRole({ role, sessionName: 'prunella-reader' }) });
}

/**
 * Clients for one action on one incident. What the action's grants name is sent with the action's role, narrowed by a
 * session policy to just these grants, with the incident's id as session name; everything else with the read-only role.
 * @throws Error when the action has no role here, or its grants are too many for a session policy
 */
export async function assumeForAction(actionName: string, grants: readonly Grant[], incidentId: string): Promise<Aws> {
  const role = config().actionRoleArns[actionName];
  if (!role) {
    const known = Object.keys(config().actionRoleArns).join(', ') || 'none';
    throw new Error(`action ${actionName} has no role: deploy with it switched on (ACTION_ROLES has ${known})`);
  }
  const policy = sessionPolicy(grants);
  const target = grants.flatMap(({ on }) => on).find((arn) => arn.split(':')[3]) ?? role;
  const credentials = assumedRole({ role, sessionName: incidentId, policy });
  const writer = awsFor(target, { name: [role, incidentId, policy].join(' '), role, policy, credentials });
  const reader = await readerAws(target);
  const named = grants.flatMap(({ actions }) => actions);
  return lazily((service) => ({
    send: (command) => (isNamed(named, service, command) ? writer : reader)[service].send(command),
  }));
}

/** IAM names a few operations otherwise than the API does. */
const IAM_NAMES: Readonly<Record<string, string>> = { Invoke: 'InvokeFunction' };

/** True when one of the grants' actions (`ecs:UpdateService`, `ecs:Update*`) is the command's. */
export function isNamed(actions: readonly string[], service: AwsService, command: AwsCommand<unknown>): boolean {
  const operation = operationOf(command);
  const iam = `${serviceClient(service).prefix}:${IAM_NAMES[operation] ?? operation}`;
  return actions.some((action) => (action.endsWith('*') ? iam.startsWith(action.slice(0, -1)) : iam === action));
}

function lazily(make: (service: AwsService) => AwsClient): Aws {
  const made: Partial<Record<AwsService, AwsClient>> = {};
  const aws = {};
  for (const service of AWS_SERVICES) {
    Object.defineProperty(aws, service, { enumerable: true, get: () => (made[service] ??= make(service)) });
  }
  return aws as Aws;
}
