import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Policy } from '../../layers/core/policy.ts';
import { acknowledge, acknowledgeWildcards } from '../acknowledge.ts';
import { definition } from '../definition.ts';
import { STEPS } from '../functions.ts';
import type { StepFunction } from './step-function.ts';

export interface HealMachineProps {
  readonly steps: Readonly<Record<(typeof STEPS)[number], StepFunction>>;
  readonly key: Key;
  readonly policy: Policy;
}

/** The name is the stack's, so that a function that the machine calls can know its ARN without a circle. */
const machineName = () => `${Aws.STACK_NAME}-heal`;

/** The machine's ARN, before it is made. */
export function healArn(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: machineName(),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** ARN pattern of the machine's executions. */
export function healExecutions(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName()}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** One incident is one Standard execution of this: its history is the audit view and cannot be rewritten. */
export class HealMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, { steps, key, policy }: HealMachineProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      // Log groups of this prefix do not use up the account's resource policy for log delivery.
      logGroupName: `/aws/vendedlogs/states/${machineName()}`,
      retention: RetentionDays.ONE_MONTH,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'Prunella: heal',
    });
    const invoke = new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: STEPS.map((name) => `${steps[name].fn.functionArn}:*`),
    });
    role.addToPolicy(invoke);
    acknowledgeWildcards(
      role,
      invoke,
      'An execution goes on calling the function versions it began with, so any version of these may be called.',
    );
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: machineName(),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definition(policy.approvalTimeout)),
      definitionSubstitutions: Object.fromEntries(STEPS.map((name) => [`${name}Arn`, steps[name].version.functionArn])),
      role,
      tracingEnabled: true,
      // The data stands in the execution's history for longer, and with it the token by which an approval is answered.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'Log delivery (logs:CreateLogDelivery …) and xray:PutTraceSegments take no resource.',
    );
  }
}
