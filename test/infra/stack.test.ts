import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { SOURCES } from '../../functions/intake/sources.ts';
import { FUNCTIONS, STEPS, type FunctionName } from '../../infra/functions.ts';
import { functionOf, resourcesOf } from './policies.ts';
import { synthesise } from './synth.ts';

const { template } = synthesise();
const root = join(import.meta.dirname, '..', '..');
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

    expect(inboxes).toHaveLength(4);
    for (const [, { Properties }] of inboxes) expect(Properties.RedrivePolicy.maxReceiveCount).toBe(5);
    for (const id of dead)
      expect(template.Resources[id as string].Properties.MessageRetentionPeriod).toBe(Duration.days(14).toSeconds());
  });

  it('hide a message six times as long as its function may run, and leave concurrency to others', () => {
    for (const [name, BatchSize, MaximumConcurrency] of [
      ['Intake', 10, 50],
      ['Changes', 10, 10],
      ['Discover', 10, 2],
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

  it('may send to the queues that they name, those for what they cannot deliver included', () => {
    const policies = of('AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
    const queues = new Set<string>(
      rules.flatMap(({ Targets }) =>
        Targets.flatMap((target: { Arn: unknown; DeadLetterConfig: { Arn: unknown } }) =>
          [target.Arn, target.DeadLetterConfig.Arn].flatMap(
            (arn) => /"(\w+Queue\w+|\w*Undelivered\w*)"/.exec(text(arn))?.[1] ?? [],
          ),
        ),
      ),
    );

    expect(queues.size).toBeGreaterThan(3);
    for (const queue of queues) {
      const own = policies.filter(({ Queues }) => text(Queues).includes(`"${queue}"`));
      expect(text(own), queue).toContain('"Service":"events.amazonaws.com"');
    }
  });

  it('keep what they cannot deliver', () => {
    for (const { Targets } of rules) for (const target of Targets) expect(target.DeadLetterConfig?.Arn).toBeDefined();
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
