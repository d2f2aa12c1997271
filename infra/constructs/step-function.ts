import { Aws, RemovalPolicy, type Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Function as LambdaFunction,
  Runtime,
  Tracing,
  type Code,
  type Version,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../acknowledge.ts';

export interface StepFunctionProps {
  readonly code: Code;
  readonly key: Key;
  readonly description: string;
  /** Megabytes. A function's share of a CPU grows with it: 1,769 MB is one whole. */
  readonly memory: number;
  readonly timeout: Duration;
  /** The limits of the deployment, as JSON. */
  readonly policy: string;
}

/**
 * One of Prunella's functions: Node 24 on arm64, traced, its log group its own, no right beyond what the verbs give it.
 * Step Functions call a published version, so that an execution that runs is not fed new code.
 */
export class StepFunction extends Construct {
  readonly fn: LambdaFunction;
  readonly role: Role;
  readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: StepFunctionProps) {
    super(scope, id);
    this.timeout = props.timeout;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Prunella: ${id}`,
    });
    logGroup.grantWrite(this.role);
    this.fn = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: props.code,
      handler: 'handler.handler',
      description: props.description,
      memorySize: props.memory,
      timeout: props.timeout,
      tracing: Tracing.ACTIVE,
      role: this.role,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        PRUNELLA_POLICY: props.policy,
        ACCOUNT_ID: Aws.ACCOUNT_ID,
      },
      // An execution that began with this version goes on calling it after the next deployment.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    acknowledge(
      this.role,
      'AwsSolutions-IAM5[Resource::*]',
      'xray:PutTraceSegments and PutTelemetryRecords take no resource.',
    );
  }

  /** The version that this deployment published. */
  get version(): Version {
    return this.fn.currentVersion;
  }

  set(name: string, value: string): void {
    this.fn.addEnvironment(name, value);
  }

  /** @param because why a wildcard among its resources is right; required where there is one */
  allow(statement: PolicyStatement, because?: string): void {
    this.role.addToPolicy(statement);
    if (because !== undefined) acknowledgeWildcards(this.role, statement, because);
  }
}
