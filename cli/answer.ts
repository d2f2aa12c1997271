import { userInfo } from 'node:os';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AnswerInput, AnswerOutput } from '../functions/approval/answer.ts';
import { UsageError, type Invocation } from './command.ts';
import { incidentArgument } from './commands/explain.ts';

/** Asks a deployed function for something, signed with the operator's own credentials. @throws Error with what it answered. */
export async function invoke(functionName: string, payload: object): Promise<unknown> {
  const { Payload, FunctionError } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
  );
  const text = Payload ? Buffer.from(Payload).toString('utf8') : 'null';
  if (FunctionError) throw new Error(`${functionName} failed: ${text}`);
  return JSON.parse(text) as unknown;
}

/** Decides an approval that an incident waits for. The answer is bound to the approver and counts once. */
export async function answer(invocation: Invocation, approve: boolean): Promise<unknown> {
  const incidentId = incidentArgument(invocation);
  const { answerFunction } = await invocation.account();
  const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  const payload: AnswerInput = { incidentId, approve, approver: Arn ?? userInfo().username };
  const reply = (await invoke(answerFunction, payload)) as AnswerOutput;
  if (!reply.accepted) throw new UsageError(`your answer was not taken: ${reply.message}`);
  invocation.out.line(
    approve
      ? `Approved. Incident ${incidentId} looks at its resource again and then acts.`
      : `Denied. Incident ${incidentId} escalates.`,
  );
  return reply;
}

/** The operator's name for the record of a lever. */
export async function operator(): Promise<string> {
  const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  return Arn ?? userInfo().username;
}
