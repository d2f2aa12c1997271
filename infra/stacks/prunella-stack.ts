import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ActionRoles, type Catalogue } from '../constructs/action-roles.ts';
import { Alarms } from '../constructs/alarms.ts';
import { letProbe } from '../constructs/probing.ts';
import { Overview } from '../constructs/dashboard.ts';
import { Data } from '../constructs/data.ts';
import { letAskModel } from '../constructs/language-model.ts';
import { HealMachine, healArn, healExecutions } from '../constructs/heal-machine.ts';
import { Operators } from '../constructs/operators.ts';
import { Reading } from '../constructs/reading.ts';
import { Signals } from '../constructs/signals.ts';
import { StepFunction } from '../constructs/step-function.ts';
import { FUNCTIONS, type FunctionName } from '../functions.ts';
import type { Settings } from '../settings.ts';
import { TABLE_RIGHTS, type TableName, type TableRight } from '../table-rights.ts';

/** Which Prunella was deployed stands in the template, so that it can be told what a stack is, whatever its name. */
const { version: VERSION } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { version: string };

/** The functions that look at workloads, by the read-only role. */
const LOOKERS = [
  'Discover',
  'Changes',
  'Reconcile',
  'Watch',
  'Train',
  'Detect',
  'Diagnose',
  'Decide',
  'Approval',
  'Recover',
  'Verify',
  'Rollback',
  'Close',
] as const satisfies readonly FunctionName[];

/** The functions that write to the operators. */
const SPEAKERS = ['Decide', 'Approval', 'Escalate', 'Reconcile'] as const satisfies readonly FunctionName[];

export interface PrunellaStackProps extends StackProps {
  readonly settings: Settings;
  readonly code: Readonly<Record<FunctionName, Code>>;
  readonly actions: Catalogue;
}

type Functions = Readonly<Record<FunctionName, StepFunction>>;

/** All of Prunella, for one account and Region. */
export class PrunellaStack extends Stack {
  constructor(scope: Construct, id: string, { settings, code, actions, ...props }: PrunellaStackProps) {
    super(scope, id, props);
    this.templateOptions.metadata = { Prunella: { Version: VERSION } };
    const data = new Data(this, 'Data');
    const operators = new Operators(this, 'Operators', { key: data.key, notify: settings.notify });
    const functions = this.#makeFunctions(code, data, settings);

    grantData(functions, data);
    new Reading(this, 'Reading', { readers: LOOKERS.map((name) => functions[name]) });
    const { Recover, Rollback, Reconcile } = functions;
    if (settings.write) {
      new ActionRoles(this, 'Action', {
        actions,
        actors: [Recover, Rollback, Reconcile],
        passRoles: settings.passRoles,
      });
    }
    const { machine } = new HealMachine(this, 'Heal', { steps: functions, key: data.key, policy: settings.policy });
    this.#grantMachine(functions);
    for (const name of SPEAKERS) operators.letSpeak(functions[name]);
    for (const fn of [functions.Escalate, functions.Reconcile]) fn.set('RUNBOOK', settings.runbook);
    const watch = JSON.stringify(settings.watch);
    for (const fn of [functions.WatchPlan, functions.Watch, functions.Train]) fn.set('PRUNELLA_WATCH', watch);
    letProbe(functions.Probe, settings.probe);
    letAskModel(functions.Diagnose, settings.languageModel);
    const signals = new Signals(this, 'Events', {
      intake: functions.Intake,
      changes: functions.Changes,
      discover: functions.Discover,
      reconcile: functions.Reconcile,
      watchPlan: functions.WatchPlan,
      watch: functions.Watch,
      probe: functions.Probe,
      train: functions.Train,
    });

    const { topic } = operators;
    const { alarms } = new Alarms(this, 'Alarms', { topic, runbook: settings.runbook, functions, signals, machine });
    new Overview(this, 'Overview', { alarms, functions, signals, machine });
    this.#outputs(functions, data, operators, settings);
    if (settings.permissionsBoundary !== undefined) this.#bound(settings.permissionsBoundary);
  }

  #makeFunctions(code: PrunellaStackProps['code'], { key }: Data, settings: Settings): Functions {
    const policy = JSON.stringify(settings.policy);
    const names = Object.keys(FUNCTIONS) as FunctionName[];
    const made = names.map((name) => {
      const { description, memory, timeout } = FUNCTIONS[name];
      return [
        name,
        new StepFunction(this, name, { code: code[name], key, description, memory, timeout, policy }),
      ] as const;
    });
    return Object.fromEntries(made) as unknown as Functions;
  }

  /** Who may start an incident's execution, look at it, or answer for it. */
  #grantMachine(functions: Functions): void {
    const arn = healArn(this);
    const { Intake, Discover, Escalate, Reconcile } = functions;
    for (const fn of [Intake, Discover, Escalate, Reconcile]) fn.set('HEAL_ARN', arn);
    const start = new PolicyStatement({ actions: ['states:StartExecution'], resources: [arn] });
    Intake.allow(start);
    Reconcile.allow(start);
    Reconcile.allow(
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [healExecutions(this)] }),
      'Any execution of the heal machine may have been left behind.',
    );
    functions.ApprovalAnswer.allow(new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [arn] }));
  }

  /** What the command line reads, and what to type next. */
  #outputs(functions: Functions, data: Data, { topic }: Operators, settings: Settings): void {
    const outputs: Record<string, string> = {
      IncidentsTable: data.incidents.table.tableName,
      AuditTable: data.audit.table.tableName,
      KnowledgeTable: data.knowledge.table.tableName,
      ControlTable: data.control.table.tableName,
      HealMachineArn: healArn(this),
      TopicArn: topic.topicArn,
      AnswerFunctionName: functions.ApprovalAnswer.fn.functionName,
      DiscoverFunctionName: functions.Discover.fn.functionName,
      Policy: JSON.stringify(settings.policy),
      NextStep: 'npx prunella go',
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  #bound(boundary: string): void {
    const isArn = boundary.startsWith('arn:');
    const policy = isArn
      ? ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', boundary)
      : ManagedPolicy.fromManagedPolicyName(this, 'Boundary', boundary);
    PermissionsBoundary.of(this).apply(policy);
  }
}

function grantData(functions: Functions, data: Data): void {
  for (const name of Object.keys(functions) as FunctionName[]) {
    const rights = Object.entries(TABLE_RIGHTS[name]) as [TableName, readonly TableRight[]][];
    for (const [table, verbs] of rights) data[table].grant(functions[name], verbs);
  }
}
