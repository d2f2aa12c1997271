import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { functionOf, resourcesOf } from './policies.ts';
import { synthesise } from './synth.ts';

const { template } = synthesise();
const root = join(import.meta.dirname, '..', '..');
const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const of = (type: string) => resourcesOf(template, type);
const text = (value: unknown) => JSON.stringify(value);

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
