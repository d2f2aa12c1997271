import * as z from 'zod';
import type { ResourceType } from '../layers/core/arn.ts';

/** Stands for any name inside a sampled value; becomes `*` in a policy. */
export const ANY = 'ANY';
/** Stand for the deployment's Region and account, which are tokens at synthesis and would not pass a schema. */
export const REGION = 'any-region-0';
export const ACCOUNT = '000000000000';
/** An ARN whose type its schema leaves open. */
export const OPEN_ARN = `arn:aws:open:${REGION}:${ACCOUNT}:${ANY}`;

const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const ARNS: Readonly<Record<ResourceType, string>> = {
  'ecs-service': arn('ecs', `service/${ANY}/${ANY}`),
  'lambda-function': arn('lambda', `function:${ANY}`),
  'lambda-alias': arn('lambda', `function:${ANY}:${ANY}`),
  'sqs-queue': arn('sqs', ANY),
  'dynamodb-table': arn('dynamodb', `table/${ANY}`),
  'target-group': arn('elasticloadbalancing', `targetgroup/${ANY}/${ANY}`),
  'load-balancer': arn('elasticloadbalancing', `loadbalancer/app/${ANY}/${ANY}`),
  'ssm-parameter': arn('ssm', `parameter/${ANY}`),
};

/** Tried in this order: a schema that takes an open ARN takes any; one that refuses it names its type by what it takes. */
const TEXTS = [
  OPEN_ARN,
  ...Object.values(ARNS),
  arn('ecs', `task/${ANY}/${ANY}`),
  ANY,
  '1',
  'a',
  new Date(0).toISOString(),
];
const NUMBERS = [1, 2, 0, 0.5, 256, 1024];

/** More combinations than these are not tried: an action with so many shapes should be two actions. */
const MOST = 256;

/**
 * Values that a parameter schema accepts and in which every name is `ANY`: what an action declares for them is what it
 * declares for any resource. One value for each combination of its choices (enums, flags, branches of a union).
 * @throws Error when no such value is found, naming the field
 */
export function samples(schema: z.core.$ZodType, path = 'params'): unknown[] {
  if (schema instanceof z.ZodObject) return objects(schema, path);
  if (schema instanceof z.ZodArray)
    return samples(schema.element as z.core.$ZodType, `${path}[]`).map((item) => [item]);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => samples(option as z.core.$ZodType, path));
  if (schema instanceof z.ZodEnum) return schema.options;
  if (schema instanceof z.ZodLiteral) return [...schema.values];
  if (schema instanceof z.ZodBoolean) return [true, false];
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  ) {
    return samples(schema.unwrap() as z.core.$ZodType, path);
  }
  return [leaf(schema, path)];
}

function objects(schema: z.ZodObject, path: string): unknown[] {
  const made = Object.entries(schema.shape).reduce<Record<string, unknown>[]>(
    (partial, [key, field]) =>
      samples(field, `${path}.${key}`).flatMap((value) => partial.map((rest) => ({ ...rest, [key]: value }))),
    [{}],
  );
  const accepted = made.filter((value) => schema.safeParse(value).success);
  if (accepted.length > 0 && accepted.length <= MOST) return accepted;
  const trouble = schema.safeParse(made[0]).error;
  throw new Error(
    accepted.length > MOST
      ? `${path} has ${accepted.length} combinations of choices, at most ${MOST} are tried`
      : `no sample for ${path}: ${trouble ? z.prettifyError(trouble) : ''}, got ${JSON.stringify(made[0])}`,
  );
}

function leaf(schema: z.core.$ZodType, path: string): unknown {
  const candidates: unknown[] = [...TEXTS, ...NUMBERS, null];
  const found = candidates.find((value) => z.safeParse(schema, value).success);
  if (found !== undefined) return found;
  throw new Error(
    `no sample for ${path}: its schema takes none of ${JSON.stringify(candidates)}; loosen it, or add one to infra/sample.ts`,
  );
}
