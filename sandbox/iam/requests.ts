import { contextOf } from './conditions.ts';
import type { Request } from './evaluate.ts';
import { actionReference } from './reference.ts';
import { actionOf, type Input, type Place, type Touched } from './touched.ts';
import { TOUCHES } from './touches.ts';

export type TagsOf = (arn: string) => Promise<Readonly<Record<string, string>>>;

/** What a call's requests are made from, beside the call. */
export interface Surroundings extends Place {
  /** The tags of a resource, as they are now. */
  readonly tagsOf: TagsOf;
  /** The state machines that a task token can be of. */
  readonly machines: readonly string[];
}

/**
 * The requests that IAM judges a call by: each action it needs, on each resource it touches.
 * @param signingName e.g. `monitoring`
 * @throws Error when AWS has no such action, or has resource types for it and it is not known here which a call is on
 */
export async function requestsOf(
  signingName: string,
  operation: string,
  input: Input,
  surroundings: Surroundings,
): Promise<Request[]> {
  const touched = await touchedBy(actionOf(signingName, operation), input, surroundings);
  return Promise.all(touched.map((each) => requestOf(each, surroundings)));
}

/** Judged on the state machine, whatever the reference says: AWS's errors name it, and the CDK grants on it. */
const BY_TOKEN = ['states:SendTaskSuccess', 'states:SendTaskFailure', 'states:SendTaskHeartbeat'];

async function touchedBy(action: string, input: Input, where: Surroundings): Promise<readonly Touched[]> {
  if (BY_TOKEN.includes(action)) return where.machines.map((resource) => ({ action, resource }));
  const touches = TOUCHES[action];
  if (touches !== undefined) return touches(input, where);
  const reference = await actionReference(action);
  if (reference === undefined) throw new Error(`AWS's authorization reference has no action ${action}`);
  if (reference.resourceTypes.some(({ required }) => required))
    throw new Error(`it is not known which resources ${action} is on: add it to sandbox/iam/touched.ts`);
  return [{ action, resource: '*' }];
}

async function requestOf({ action, resource, keys }: Touched, { region, tagsOf }: Surroundings): Promise<Request> {
  const tags = resource === '*' ? {} : await tagsOf(resource);
  const tagKeys = Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
  return { action, resource, context: contextOf({ 'aws:RequestedRegion': region, ...tagKeys, ...keys }) };
}
