/** A small app with one of each kind of resource that deployments of the local account treat differently. */
import { App, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { fileURLToPath } from 'node:url';

// The casts below: CDK's classes and interfaces disagree under exactOptionalPropertyTypes.
const app = new App();
const stack = new Stack(app, 'Fixture');
Tags.of(stack).add('prunella:mode', 'suggest');

/** `-c tasks=2` is a changed app, `-c release=2` a changed function. */
const taskCount = Number(app.node.tryGetContext('tasks') ?? 1);

const table = new dynamodb.TableV2(stack, 'Table', {
  partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
  timeToLiveAttribute: 'expires',
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  removalPolicy: RemovalPolicy.DESTROY,
});
const deadLetters = new sqs.Queue(stack, 'DeadLetters');
const queue = new sqs.Queue(stack, 'Queue', { deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 } });

const worker = new NodejsFunction(stack, 'Worker', {
  entry: fileURLToPath(new URL('./fixture-function.ts', import.meta.url)),
  runtime: lambda.Runtime.NODEJS_24_X,
  architecture: lambda.Architecture.ARM_64,
  memorySize: 256,
  timeout: Duration.seconds(10),
  reservedConcurrentExecutions: 5,
  deadLetterQueue: deadLetters,
  environment: { TABLE: table.tableName, RELEASE: String(app.node.tryGetContext('release') ?? 1) },
  logGroup: new logs.LogGroup(stack, 'WorkerLogs', {
    retention: logs.RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  }),
  bundling: { externalModules: [], minify: true, format: 'esm' as never, mainFields: ['module', 'main'] },
});
table.grantReadWriteData(worker);
const alias = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: worker.currentVersion as lambda.IVersion });
worker.addEventSource(new SqsEventSource(queue, { batchSize: 5, reportBatchItemFailures: true, maxConcurrency: 2 }));
worker.addEventSource(new SqsEventSource(deadLetters, { enabled: false }));

const machine = new sfn.StateMachine(stack, 'Machine', {
  definitionBody: sfn.DefinitionBody.fromChainable(
    new tasks.LambdaInvoke(stack, 'Work', {
      lambdaFunction: alias as lambda.IFunction,
      payload: sfn.TaskInput.fromObject({ kind: 'machine' }),
    }),
  ),
  logs: { destination: new logs.LogGroup(stack, 'MachineLogs'), level: sfn.LogLevel.ERROR, includeExecutionData: true },
});
new events.Rule(stack, 'AlarmRule', {
  eventPattern: { source: ['aws.cloudwatch'], detailType: ['CloudWatch Alarm State Change'] },
  targets: [new targets.SqsQueue(queue)],
});

const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0, maxAzs: 2 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: vpc as ec2.IVpc });
const limit = new ssm.StringParameter(stack, 'Limit', { parameterName: '/fixture/limit', stringValue: '10' });
const definition = new ecs.FargateTaskDefinition(stack, 'Definition', {
  cpu: 256,
  memoryLimitMiB: 512,
  family: 'fixture',
});
definition.addContainer('app', {
  image: ecs.ContainerImage.fromRegistry('fixture/app:1'),
  environment: { SIZE: String(taskCount), QUEUE: queue.queueUrl, TABLE: table.tableArn },
  secrets: { LIMIT: ecs.Secret.fromSsmParameter(limit) },
  dockerLabels: { 'prunella.local.command': 'node -e "setInterval(() => {}, 1000)"' },
  logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'app' }),
});
const service = new ecs.FargateService(stack, 'Service', {
  cluster: cluster as ecs.ICluster,
  taskDefinition: definition,
  desiredCount: taskCount,
  circuitBreaker: { rollback: true },
  minHealthyPercent: 100,
});
const busy = new cloudwatch.Alarm(stack, 'Busy', {
  metric: service.metricCpuUtilization({ period: Duration.minutes(1) }),
  threshold: 80,
  evaluationPeriods: 3,
  datapointsToAlarm: 2,
});
const ratio = new cloudwatch.Alarm(stack, 'Ratio', {
  metric: new cloudwatch.MathExpression({
    expression: '100 * errors / MAX([errors, calls])',
    usingMetrics: { errors: worker.metricErrors(), calls: worker.metricInvocations() },
    period: Duration.minutes(1),
  }),
  threshold: 5,
  evaluationPeriods: 1,
});
new cloudwatch.CompositeAlarm(stack, 'Either', { alarmRule: cloudwatch.AlarmRule.anyOf(busy, ratio) });
const scaling = service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 4 });
scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });

stack.exportValue(service.serviceArn, { name: 'FixtureService' });
new ssm.StringParameter(stack, 'WhereService', { parameterName: '/fixture/service', stringValue: service.serviceArn });
new ssm.StringParameter(stack, 'WhereMachine', {
  parameterName: '/fixture/machine',
  stringValue: machine.stateMachineArn,
});
