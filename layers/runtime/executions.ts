import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, type ExecutionStatus } from '@aws-sdk/client-sfn';
import type { Arn } from '../core/arn.ts';
import { GENESIS } from '../core/audit.ts';
import { isAwsError, type AwsClient } from '../core/aws.ts';
import type { IncidentId } from '../core/incident.ts';
import type { StepInput } from '../core/step.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';
import { config } from './env.ts';

/** How an incident's execution stands; `absent` when it was never started, or its history is gone. */
export type ExecutionState = 'running' | 'absent' | Lowercase<Exclude<ExecutionStatus, 'RUNNING'>>;

const stepFunctions = through('states', () => new SFNClient(clientDefaults()) as AwsClient);

/** The ARN of an incident's execution: its name is the incident's id. */
export function executionArn(incidentId: IncidentId): Arn {
  const [arn, partition, states, region, account, , machine] = config().healArn.split(':');
  return [arn, partition, states, region, account, 'execution', machine, incidentId].join(':');
}

/** What a new incident's execution begins with. */
export const firstInput = (incidentId: IncidentId): StepInput => ({
  schema: 1,
  incidentId,
  step: 0,
  attempt: 0,
  looks: 0,
  verdict: 'opened',
  because: '',
  waitSeconds: 0,
  failure: '',
  auditHead: GENESIS,
});

/** Starts an incident's execution. `existed`: one of this name was started before, and may be over. */
export async function startExecution(
  incidentId: IncidentId,
): Promise<{ readonly executionArn: Arn; readonly existed: boolean }> {
  const input = JSON.stringify(firstInput(incidentId));
  try {
    await stepFunctions.send(new StartExecutionCommand({ stateMachineArn: config().healArn, name: incidentId, input }));
    return { executionArn: executionArn(incidentId), existed: false };
  } catch (error) {
    if (!isAwsError(error, 'ExecutionAlreadyExists')) throw error;
    return { executionArn: executionArn(incidentId), existed: true };
  }
}

export async function executionState(incidentId: IncidentId): Promise<ExecutionState> {
  try {
    const { status } = await stepFunctions.send(
      new DescribeExecutionCommand({ executionArn: executionArn(incidentId) }),
    );
    return (status?.toLowerCase() ?? 'absent') as ExecutionState;
  } catch (error) {
    if (isAwsError(error, 'ExecutionDoesNotExist')) return 'absent';
    throw error;
  }
}
