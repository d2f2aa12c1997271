import * as z from 'zod';
import { definition } from '../../../infra/definition.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import { NotSimulated } from '../not-simulated.ts';

/** A reference path without brackets, wildcards or functions: `$`, `$.a.b`. */
const Path = z.string().regex(/^\$(?:\.\w+)*$/, 'only plain paths such as $.a.b are simulated');
const TOKEN_PATH = '$$.Task.Token';

const Retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().positive().default(1),
  BackoffRate: z.number().min(1).default(2),
  MaxAttempts: z.number().int().nonnegative().default(3),
  MaxDelaySeconds: z.number().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
const Catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  ResultPath: Path.default('$'),
  Next: z.string(),
});

const common = { Comment: z.string().optional() };
/** No `End`: heal.asl.json ends in Succeed and Fail. */
const onward = { ...common, Next: z.string() };

const Task = z.strictObject({
  ...onward,
  Type: z.literal('Task'),
  Resource: z.enum(['arn:aws:states:::lambda:invoke', 'arn:aws:states:::lambda:invoke.waitForTaskToken']),
  Parameters: z.strictObject({ FunctionName: z.string(), Payload: z.record(z.string(), z.unknown()) }),
  ResultPath: Path.default('$'),
  OutputPath: Path.default('$'),
  TimeoutSeconds: z.number().int().positive().optional(),
  Retry: z.array(Retrier).default([]),
  Catch: z.array(Catcher).default([]),
});
const Choice = z.strictObject({
  ...common,
  Type: z.literal('Choice'),
  Choices: z.array(z.strictObject({ Variable: Path, StringEquals: z.string(), Next: z.string() })).min(1),
  Default: z.string().optional(),
});
const Wait = z.strictObject({ ...onward, Type: z.literal('Wait'), SecondsPath: Path });
const Pass = z.strictObject({
  ...onward,
  Type: z.literal('Pass'),
  Parameters: z.record(z.string(), z.unknown()).optional(),
  ResultPath: Path.default('$'),
  OutputPath: Path.default('$'),
});
const Succeed = z.strictObject({ ...common, Type: z.literal('Succeed') });
const Fail = z.strictObject({ ...common, Type: z.literal('Fail'), Error: z.string(), Cause: z.string().default('') });

export const State = z.discriminatedUnion('Type', [Task, Choice, Wait, Pass, Succeed, Fail]);
export type State = z.infer<typeof State>;
export type TaskState = z.infer<typeof Task>;
export type Retrier = z.infer<typeof Retrier>;

/** The part of Amazon States Language that is simulated. Every field not named here is refused. */
const Definition = z.strictObject({
  ...common,
  StartAt: z.string(),
  TimeoutSeconds: z.number().int().positive().optional(),
  States: z.record(z.string(), State),
});
export type Definition = z.infer<typeof Definition>;

/** @throws NotSimulated naming what is not known, or a state that is not there */
export function parseDefinition(given: unknown): Definition {
  const parsed = Definition.safeParse(given);
  if (!parsed.success)
    throw new NotSimulated(`the state machine is beyond what is simulated: ${z.prettifyError(parsed.error)}`);
  const { StartAt, States } = parsed.data;
  for (const name of [StartAt, ...Object.values(States).flatMap(nextOf)])
    if (!Object.hasOwn(States, name)) throw new NotSimulated(`the state machine has no state ${name}`);
  for (const state of Object.values(States)) if ('Parameters' in state) checkTemplate(state.Parameters);
  return parsed.data;
}

function nextOf(state: State): string[] {
  if (state.Type === 'Choice')
    return [...state.Choices.map(({ Next }) => Next), ...(state.Default ? [state.Default] : [])];
  if (state.Type === 'Task') return [state.Next, ...state.Catch.map(({ Next }) => Next)];
  return 'Next' in state ? [state.Next] : [];
}

function checkTemplate(template: unknown): void {
  if (typeof template !== 'object' || template === null) return;
  for (const [name, member] of Object.entries(template)) {
    if (!name.endsWith('.$')) checkTemplate(member);
    else if (member !== TOKEN_PATH && !Path.safeParse(member).success)
      throw new NotSimulated(`${name}: ${String(member)} is beyond what is simulated: plain paths and ${TOKEN_PATH}`);
  }
}

/** The heal machine as it is deployed, its functions called by their names in infra/functions.ts. */
export const healDefinition = (approvalTimeout: Seconds): Definition =>
  parseDefinition(JSON.parse(definition(approvalTimeout).replace(/\$\{(\w+)Arn\}/g, '$1')));
