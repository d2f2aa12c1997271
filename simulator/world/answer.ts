import type { AwsService } from '../../layers/core/aws.ts';
import { operationOf } from '../../layers/runtime/calls.ts';
import type { Call } from '../../layers/runtime/runtime.ts';
import { answers as autoscaling } from './answers/autoscaling.ts';
import type { Answers, Context } from './answers/answering.ts';
import { answers as cloudwatch } from './answers/cloudwatch.ts';
import { answers as dynamodb } from './answers/dynamodb.ts';
import { answers as ecs } from './answers/ecs.ts';
import { answers as elbv2 } from './answers/elbv2.ts';
import { answers as lambda } from './answers/lambda.ts';
import { answers as logs } from './answers/logs.ts';
import { answers as ssm } from './answers/ssm.ts';
import { answers as tagging } from './answers/tagging.ts';
import { answers as xray } from './answers/xray.ts';
import type { Principal } from './model/writes.ts';

const SERVICES: Readonly<Record<AwsService, Answers>> = {
  ecs,
  lambda,
  ssm,
  cloudwatch,
  logs,
  elbv2,
  autoscaling,
  dynamodb,
  tagging,
  xray,
};

/**
 * Answers a call as the modelled account would.
 * @throws Error with the name of AWS's model, as the SDK throws it
 * @throws Error when the operation is not modelled: a simulation must not go on with a guess
 */
export function answerCall({ service, command }: Call, context: Omit<Context, 'by'>, by: Principal): object {
  const operation = operationOf(command);
  const answer = (SERVICES as Partial<Record<string, Answers>>)[service]?.[operation];
  if (!answer)
    throw new Error(`the modelled account does not know ${service} ${operation}: add it to simulator/world/answers`);
  return answer(command.input as never, { ...context, by });
}

/** A copy of an answer: text, numbers, dates and bytes in lists and records, which is all that AWS answers with. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) copy[name] = copyOf(member);
  return copy;
}

const INCIDENT = /\b[0-9A-HJKMNP-TV-Z]{26}\b/;

/** Who calls: an action's session is named by its incident. */
export function principalOf({ session }: Call, account: string): Principal {
  if (!session) return { arn: `arn:aws:sts::${account}:assumed-role/prunella-function/function` };
  const incidentId = INCIDENT.exec(session.name)?.[0];
  const role = session.role.split('/').at(-1) ?? '';
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${incidentId ?? 'prunella-reader'}`;
  return incidentId ? { arn, incidentId } : { arn };
}
