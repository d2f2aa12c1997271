import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { SOURCES } from '../../functions/intake/sources.ts';
import { FUNCTIONS, STEPS, type FunctionName } from '../../infra/functions.ts';
import { functionOf, resourcesOf } from './policies.ts';
import { synthesise } from './synth.ts';

const { template } = synthesise();
const root = join(import.meta.dirname, '..', '..');
const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
const heal = JSON.parse(readFileSync(join(root, 'statemachines', 'heal.asl.json'), 'utf8'));
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const of = (type: string) => resourcesOf(template, type);
const text = (value: unknown) => JSON.stringify(value);

describe('the tables', () => {
  const tables = of('AWS::DynamoDB::Table');

  it('are four, keyed, on demand, recoverable, encrypted with our key, and cleaned up by ttl', () => {
    expect(tables.map(([id]) => id.match(/^Data([A-Za-z]+)Table/)?.[1])).toEqual([
      'Incidents',
      'Audit',
      'Knowledge',
      'Control',
    ]);
    for (const [, { Properties }] of tables) {
      expect(Properties).toMatchObject({
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      });
    }
  });

  it('outlive the stack where they hold history, together with the key they need', () => {
    const kept = tables.filter(
      ([, { DeletionPolicy, Properties }]) => DeletionPolicy === 'Retain' && Properties.DeletionProtectionEnabled,
    );

    expect(kept).toHaveLength(3);
    expect(of('AWS::KMS::Key')[0]![1]).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { EnableKeyRotation: true },
    });
  });

  it('find incidents by status and by resource', () => {
    const [, incidents] = tables[0]!;

    expect(
      incidents.Properties.GlobalSecondaryIndexes.map(
        ({ IndexName, KeySchema }: { IndexName: string; KeySchema: { AttributeName: string }[] }) => [
          IndexName,
          ...KeySchema.map((key) => key.AttributeName),
        ],
      ),
    ).toEqual([
      ['status-time', 'gsi1pk', 'gsi1sk'],
      ['resource-time', 'gsi2pk', 'gsi2sk'],
    ]);
  });
});

describe('the functions', () => {
  it.each(NAMES)('%s runs on Node 24 and arm64, is traced, and keeps its logs 30 days, encrypted', (name) => {
    const [, { Properties }] = functionOf(template, name);

    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
    const log = template.Resources[Properties.LoggingConfig.LogGroup.Ref].Properties;
    expect(log.RetentionInDays).toBe(30);
    expect(log.KmsKeyId).toBeDefined();
  });

  it('keep a published version for each step, so that an execution that runs can go on', () => {
    const versions = of('AWS::Lambda::Version');

    expect(versions).toHaveLength(STEPS.length);
    for (const [, version] of versions) expect(version.DeletionPolicy).toBe('Retain');
  });

  it('are bound to no name that a second deployment would take as well', () => {
    const fixed = Object.entries<{ Type: string; Properties?: Record<string, unknown> }>(template.Resources).flatMap(
      ([id, { Properties = {} }]) =>
        Object.entries(Properties)
          .filter(
            ([key, value]) =>
              /^(FunctionName|TableName|QueueName|TopicName|RoleName|PolicyName|LogGroupName|DashboardName|AlarmName|StateMachineName|Name)$/.test(
                key,
              ) && typeof value === 'string',
          )
          .map(([key, value]) => `${id}.${key}=${String(value)}`),
    );

    // Inline policies are named within their role; everything else is named by CloudFormation, or after the stack.
    expect(fixed.filter((name) => !name.includes('.PolicyName='))).toEqual([]);
  });
});

describe('the heal machine', () => {
  const [, machine] = of('AWS::StepFunctions::StateMachine')[0]!;
  const tasks = Object.entries<{ Type: string; TimeoutSeconds?: unknown; Parameters?: { FunctionName: string } }>(
    heal.States,
  ).filter(([, state]) => state.Type === 'Task');

  it('is Standard, traced, logs every event without its data, and is named after its stack', () => {
    expect(machine.Properties).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    expect(text(machine.Properties.StateMachineName)).toContain('AWS::StackName');
  });

  it('is given a value for each placeholder of its definition, and no other', () => {
    const asked = new Set([...machine.Properties.DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));

    expect([...asked].sort()).toEqual(Object.keys(machine.Properties.DefinitionSubstitutions).sort());
  });

  it('calls published versions', () => {
    for (const value of Object.values<{ Ref: string }>(machine.Properties.DefinitionSubstitutions)) {
      expect(template.Resources[value.Ref].Type).toBe('AWS::Lambda::Version');
    }
  });

  it('has timeouts that are numbers', () => {
    const { States } = JSON.parse(machine.Properties.DefinitionString);

    for (const [name] of tasks) expect(typeof States[name].TimeoutSeconds, name).toBe('number');
  });

  it('refuses a person more time than an execution has', () => {
    expect(() => synthesise({ 'prunella:policy': { approvalTimeout: 200_000 } })).toThrow(
      'supply an approvalTimeout of at most 86400 s',
    );
  });

  it('waits for each function longer than the function may run', () => {
    for (const [state, { TimeoutSeconds, Parameters }] of tasks) {
      const name = /\$\{(\w+)Arn\}/.exec(Parameters!.FunctionName)![1] as FunctionName;
      if (name === 'Approval') continue; // waits for a person
      expect(Number(TimeoutSeconds), state).toBeGreaterThan(FUNCTIONS[name].timeout.toSeconds());
    }
  });
});

describe('the queues', () => {
  const queues = of('AWS::SQS::Queue');
  const dead = new Set(
    queues.flatMap(([, { Properties }]) => Properties.RedrivePolicy?.deadLetterTargetArn['Fn::GetAtt'][0] ?? []),
  );

  it('are encrypted and refuse what is not sent by TLS', () => {
    for (const [id, { Properties }] of queues) {
      expect(Properties.SqsManagedSseEnabled, id).toBe(true);
      const policies = of('AWS::SQS::QueuePolicy').filter(([, policy]) => text(policy.Properties.Queues).includes(id));
      expect(text(policies)).toContain('aws:SecureTransport');
    }
  });

  it('give up a message after five tries, to a queue that keeps it two weeks', () => {
    const inboxes = queues.filter(([, { Properties }]) => Properties.RedrivePolicy);

    expect(inboxes).toHaveLength(3);
    for (const [, { Properties }] of inboxes) expect(Properties.RedrivePolicy.maxReceiveCount).toBe(5);
    for (const id of dead)
      expect(template.Resources[id as string].Properties.MessageRetentionPeriod).toBe(Duration.days(14).toSeconds());
  });

  it('hide a message six times as long as its function may run, and leave concurrency to others', () => {
    for (const [name, BatchSize, MaximumConcurrency] of [
      ['Intake', 10, 50],
      ['Changes', 10, 10],
      ['Watch', 1, 10],
    ] as const) {
      const mapping = of('AWS::Lambda::EventSourceMapping').find(
        ([, { Properties }]) => Properties.FunctionName.Ref === functionOf(template, name)[0],
      )![1].Properties;
      const queue = template.Resources[mapping.EventSourceArn['Fn::GetAtt'][0]].Properties;
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * FUNCTIONS[name].timeout.toSeconds());
      expect(mapping).toMatchObject({
        BatchSize,
        ScalingConfig: { MaximumConcurrency },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      expect(mapping.MaximumBatchingWindowInSeconds ?? 0).toBe(0);
    }
  });
});

describe('the rules', () => {
  const rules = of('AWS::Events::Rule').map(([, { Properties }]) => Properties);

  it('bring every kind of event that intake understands to its queue', () => {
    for (const { pattern } of SOURCES) {
      const rule = rules.find(
        ({ EventPattern, Targets }) =>
          text(EventPattern) === text({ source: pattern.source, 'detail-type': pattern['detail-type'] }) &&
          text(Targets).includes('EventsSignalsQueue'),
      );
      expect(rule, text(pattern)).toBeDefined();
    }
  });

  it('run reconcile every 5 minutes, and early when an execution of this machine ends badly', () => {
    const reconciling = rules.filter(({ Targets }) => text(Targets).includes('ReconcileFunction'));

    expect(reconciling.map(({ ScheduleExpression }) => ScheduleExpression).filter(Boolean)).toEqual([
      'rate(5 minutes)',
    ]);
    const early = reconciling.find(({ EventPattern }) => EventPattern);
    expect(early!.EventPattern.detail.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    expect(text(early!.EventPattern.detail.stateMachineArn)).toContain('-heal');
  });

  it('keep what they cannot deliver', () => {
    for (const { Targets } of rules) for (const target of Targets) expect(target.DeadLetterConfig?.Arn).toBeDefined();
  });
});

describe('the alarms', () => {
  const alarms = of('AWS::CloudWatch::Alarm').map(([id, { Properties }]) => [id, Properties] as const);

  it.each(alarms)('%s says what it means, leads to its place in the runbook, and tells the operators', (_, alarm) => {
    const anchor = /docs\/runbook\.md#([\w-]+)$/.exec(alarm.AlarmDescription)?.[1];

    expect(alarm.AlarmDescription.length).toBeGreaterThan(60);
    expect(runbook).toContain(`<a id="${anchor}"></a>`);
    expect(alarm.Tags).toContainEqual({ Key: 'prunella:resource', Value: 'none' });
    expect(alarm.AlarmActions).toEqual([{ Ref: of('AWS::SNS::Topic')[0]![0] }]);
  });

  it('are there for every function, every dead-letter queue and every way an execution can die', () => {
    const watched = text(alarms);

    for (const name of NAMES) expect(watched).toContain(functionOf(template, name)[0]);
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'AuditBroken'])
      expect(watched).toContain(`"MetricName":"${metric}"`);
    for (const because of ['undo-failed', 'brake'])
      expect(watched).toContain(`{"Name":"because","Value":"${because}"}`);
    for (const queue of ['EventsSignalsDead', 'EventsChangesDead', 'EventsWatchesDead', 'EventsUndelivered'])
      expect(watched).toContain(queue);
  });

  it('fire on silence where silence is the failure', () => {
    const [, silent] = alarms.find(([id]) => id.startsWith('AlarmsReconcileSilent'))!;

    expect(silent).toMatchObject({
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 3,
      Period: 300,
    });
  });

  it('name commands in their runbook that there are', () => {
    const commands = [...runbook.matchAll(/npx prunella (\w+)/g)].map(([, command]) => command!);

    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands)
      expect(existsSync(join(root, 'cli', 'commands', `${command}.ts`)), command).toBe(true);
  });

  it('leave no section of the runbook without an alarm', () => {
    const anchors = [...runbook.matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, anchor]) => anchor);

    for (const anchor of anchors) expect(text(alarms)).toContain(`#${anchor}"`);
  });
});

describe('an approval', () => {
  it('can be given by no link: nothing deployed answers HTTP, so that a preview of a message decides nothing', () => {
    const web = [
      'AWS::Lambda::Url',
      'AWS::ApiGateway::RestApi',
      'AWS::ApiGatewayV2::Api',
      'AWS::CloudFront::Distribution',
    ];

    expect(web.flatMap((type) => of(type))).toEqual([]);
    // Who may answer is who may invoke the function: no permission on it is given to anybody by the stack.
    expect(text(of('AWS::Lambda::Permission'))).not.toContain(functionOf(template, 'ApprovalAnswer')[0]);
  });
});

describe('the operators topic', () => {
  it('is encrypted with our key, which CloudWatch may use to publish', () => {
    const [, topic] = of('AWS::SNS::Topic')[0]!;

    expect(topic.Properties.KmsMasterKeyId).toBeDefined();
    expect(text(of('AWS::KMS::Key')[0]![1].Properties.KeyPolicy)).toContain('cloudwatch.amazonaws.com');
  });

  it('lets alarms of this account publish, and nobody who does not use TLS', () => {
    const [, policy] = of('AWS::SNS::TopicPolicy')[0]!;
    const topic = { Ref: of('AWS::SNS::Topic')[0]![0] };

    expect(policy.Properties.Topics).toEqual([topic]);
    expect(policy.Properties.PolicyDocument.Statement).toMatchObject([
      { Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: topic,
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('sends e-mail to whom the deployment names, and to nobody else', () => {
    const { Resources } = synthesise({ 'prunella:notify': '["oncall@example.com","cto@example.com"]' }).template;
    const subscribed = resourcesOf({ Resources }, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);

    expect(subscribed).toMatchObject([
      { Protocol: 'email', Endpoint: 'oncall@example.com' },
      { Protocol: 'email', Endpoint: 'cto@example.com' },
    ]);
    expect(of('AWS::SNS::Subscription')).toEqual([]);
  });
});

describe('the outputs', () => {
  it('say what to type next, and what the command line needs', () => {
    const { NextStep, ...ids } = template.Outputs;

    expect(NextStep.Value).toBe('npx prunella go');
    expect(Object.keys(ids).sort()).toEqual([
      'AnswerFunctionName',
      'AuditTable',
      'ControlTable',
      'DiscoverFunctionName',
      'HealMachineArn',
      'IncidentsTable',
      'KnowledgeTable',
      'Policy',
      'TopicArn',
    ]);
  });
});
