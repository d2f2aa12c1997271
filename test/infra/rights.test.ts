import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions } from '../../functions/recover/actions.generated.ts';
import { FUNCTIONS, STEPS, type FunctionName } from '../../infra/functions.ts';
import { ACTING_MODES } from '../../infra/grants.ts';
import { functionOf, resourcesOf, rightsOf, roleId, statements } from './policies.ts';
import { synthesise } from './synth.ts';

const passRoles = ['arn:aws:iam::111122223333:role/app-task'];
const deployed = synthesise({ passRoles });
const observing = synthesise({ 'prunella:write': 'false' });
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const ACTORS = ['Recover', 'Rollback', 'Reconcile'];

const READING = /^[a-z-]+:(Get|List|Describe|Filter)/;

const actionRole = (name: string) => roleId(deployed.template, `Action${name.replaceAll('-', '')}`);
const text = (value: unknown) => JSON.stringify(value);

/** The tables that a function may call with these actions. */
function tables(name: FunctionName, ...wanted: string[]): string[] {
  const resources = wanted.flatMap((action) => rightsOf(deployed, name).get(action) ?? []);
  return [...new Set(resources.flatMap((resource) => text(resource).match(/Data(\w+?)Table/)?.[1] ?? []))].sort();
}

describe('every policy', () => {
  it('names its actions whole', () => {
    const all = [...statements(deployed).values()].flat();

    for (const { Action } of all) for (const action of Action) expect(action).toMatch(/^[a-z-]+:[A-Za-z]+$/);
    expect(all.length).toBeGreaterThan(NAMES.length);
  });

  it('passes roles only to ECS tasks, and only the roles named at deploy', () => {
    const passing = [...statements(deployed).values()].flat().filter(({ Action }) => Action.includes('iam:PassRole'));

    expect(passing.length).toBeGreaterThan(0);
    for (const { Action, Resource, Condition } of passing) {
      expect({ Action, Resource }).toEqual({ Action: ['iam:PassRole'], Resource: passRoles });
      expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
    }
  });

  it('passes no role when none was named', () => {
    expect(text(synthesise().template)).not.toContain('iam:PassRole');
  });
});

describe('a function', () => {
  it('has no right on a workload', () => {
    const own = /^((logs|xray|dynamodb|kms|sqs|sns|states|sts|events):|cloudwatch:PutMetricData$)/; // asking a language model is opted into, see below

    for (const name of NAMES) {
      for (const action of rightsOf(deployed, name).keys()) expect(action, name).toMatch(own);
    }
  });

  it('starts executions only where it is intake or reconcile, and of the heal machine only', () => {
    const starters = NAMES.filter((name) => rightsOf(deployed, name).has('states:StartExecution'));

    expect(starters).toEqual(['Intake', 'Reconcile']);
    for (const name of starters) expect(text(rightsOf(deployed, name).get('states:StartExecution'))).toContain('-heal');
  });

  it('answers for a waiting execution only where it takes the answer', () => {
    expect(NAMES.filter((name) => rightsOf(deployed, name).has('states:SendTaskSuccess'))).toEqual(['ApprovalAnswer']);
  });

  it('publishes only where it tells the operators', () => {
    expect(NAMES.filter((name) => rightsOf(deployed, name).has('sns:Publish'))).toEqual([
      'Reconcile',
      'Decide',
      'Approval',
      'Escalate',
    ]);
  });

  it('puts events on the bus only where it watches, and only signals of its own', () => {
    expect(NAMES.filter((name) => rightsOf(deployed, name).has('events:PutEvents'))).toEqual(['Watch', 'Probe']);
    const [put] = [...statements(deployed).values()].flat().filter(({ Action }) => Action.includes('events:PutEvents'));
    expect(put?.Condition).toEqual({
      StringEquals: { 'events:source': 'prunella', 'events:detail-type': 'Prunella Signal' },
    });
  });

  it('publishes metrics only where it probes, and only the results of probes', () => {
    const all = [...statements(deployed).values()]
      .flat()
      .filter(({ Action }) => Action.includes('cloudwatch:PutMetricData'));

    expect(NAMES.filter((name) => rightsOf(deployed, name).has('cloudwatch:PutMetricData'))).toEqual(['Probe']);
    expect(all.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'cloudwatch:namespace': 'Prunella/Probe' } },
    ]);
  });

  it('may make network interfaces only where it probes from subnets that were named', () => {
    const inside = synthesise({
      'prunella:probe': '{"subnets":["subnet-0123456789abcdef0"],"securityGroups":["sg-0123456789abcdef0"]}',
    });
    const may = (made: typeof deployed) =>
      NAMES.filter((name) => rightsOf(made, name).has('ec2:CreateNetworkInterface'));

    expect([may(deployed), may(inside)]).toEqual([[], ['Probe']]);
    expect(functionOf(inside.template, 'Probe')[1].Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-0123456789abcdef0'],
      SecurityGroupIds: ['sg-0123456789abcdef0'],
    });
    expect(inside.nag.validateScope(inside.app).violations).toEqual([]);
  });

  it('may not update or delete an audit entry, whichever it is', () => {
    for (const name of NAMES)
      expect(tables(name, 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'), name).not.toContain(
        'Audit',
      );
  });

  it('appends to the audit trail where it is a step', () => {
    for (const name of STEPS) expect(tables(name, 'dynamodb:PutItem'), name).toContain('Audit');
  });
});

describe('the audit table', () => {
  it('denies updates, deletions and unconditional writes to everybody', () => {
    const audit = resourcesOf(deployed.template, 'AWS::DynamoDB::Table').find(([id]) => id.startsWith('DataAudit'))![1];

    const [statement] = audit.Properties.ResourcePolicy.PolicyDocument.Statement;
    expect(statement).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
    expect(statement.Action).toEqual(
      expect.arrayContaining(['dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem']),
    );
  });
});

describe('the roles of the actions', () => {
  it('are those of the catalogue, one each', () => {
    const roles = resourcesOf(deployed.template, 'AWS::IAM::Role')
      .map(([id]) => id)
      .filter((id) => id.startsWith('Action'));

    expect(roles.sort()).toEqual(Object.keys(actions).map(actionRole).sort());
  });

  it.each(Object.keys(actions))('%s has a right for each AWS action that it declares, and no other', (name) => {
    const given = (statements(deployed).get(actionRole(name)) ?? []).flatMap(({ Action }) => Action);

    const source = readFileSync(
      join(import.meta.dirname, '..', '..', 'functions', 'recover', 'actions', `${name}.ts`),
      'utf8',
    );
    const lists = [...source.matchAll(/actions: \[([^\]]*)\]/g)].map(([, list]) => list!).join();
    const declared = new Set([...lists.matchAll(/'([a-z-]+:[A-Za-z]+)'/g)].map(([, action]) => action));
    expect(declared.size).toBeGreaterThan(0);
    for (const action of given) expect(declared).toContain(action);
    for (const action of declared) expect(given).toContain(action);
  });

  it('demand the mode tag wherever they change an ECS service', () => {
    const updating = Object.keys(actions).flatMap((name) =>
      (statements(deployed).get(actionRole(name)) ?? []).filter(({ Action }) => Action.includes('ecs:UpdateService')),
    );

    expect(updating.length).toBeGreaterThan(0);
    for (const { Condition } of updating) {
      expect(Condition?.['StringEquals']).toEqual({ 'aws:ResourceTag/prunella:mode': ACTING_MODES });
    }
  });

  it('reach resources of this account and Region only', () => {
    for (const name of Object.keys(actions)) {
      const resources = (statements(deployed).get(actionRole(name)) ?? [])
        .filter(({ Action }) => !Action.includes('iam:PassRole'))
        .flatMap(({ Resource }) => Resource.map(text));
      for (const resource of resources) {
        expect(resource, name).toContain('AWS::AccountId');
        expect(resource, name).toContain('AWS::Region');
        expect(resource, name).not.toMatch(/ANY|any-region|000000000000/);
      }
    }
  });

  it('may be assumed by what changes or undoes, and by nothing else', () => {
    const actors = ACTORS.map((name) => roleId(deployed.template, `${name}Role`)).sort();

    for (const name of Object.keys(actions)) {
      const trust = deployed.template.Resources[actionRole(name)].Properties.AssumeRolePolicyDocument.Statement;
      const trusted = trust.flatMap(({ Principal }: { Principal: { AWS: unknown } }) => Principal.AWS);
      expect(trusted.map((arn: { 'Fn::GetAtt': string[] }) => arn['Fn::GetAtt'][0]).sort()).toEqual(actors);
    }
  });

  it('are told to what may assume them', () => {
    for (const name of ACTORS) {
      const variables = functionOf(deployed.template, name)[1].Properties.Environment.Variables;
      for (const action of Object.keys(actions)) expect(text(variables.ACTION_ROLES)).toContain(actionRole(action));
    }
  });
});

describe('a deployment that may not write', () => {
  it('has no role that could change a workload', () => {
    const roles = resourcesOf(observing.template, 'AWS::IAM::Role').map(([id]) => id);
    const rights = [...statements(observing).values()].flat().flatMap(({ Action }) => Action);

    expect(roles.filter((id) => id.startsWith('Action'))).toEqual([]);
    expect(
      rights.filter(
        (right) =>
          /^(ecs|lambda|ssm|application-autoscaling|elasticloadbalancing|iam):/.test(right) && !READING.test(right),
      ),
    ).toEqual(['lambda:InvokeFunction']);
  });

  it('still has every function and the machine', () => {
    expect(resourcesOf(observing.template, 'AWS::Lambda::Function')).toHaveLength(NAMES.length);
    expect(resourcesOf(observing.template, 'AWS::StepFunctions::StateMachine')).toHaveLength(1);
  });
});

describe('the language model', () => {
  const bedrock = (languageModel?: string) => {
    const made = synthesise(languageModel === undefined ? {} : { 'prunella:languageModel': languageModel });
    const asking = NAMES.flatMap((name) =>
      (statements(made).get(roleId(made.template, `${name}Role`)) ?? [])
        .filter(({ Action }) => Action.some((action) => action.startsWith('bedrock:')))
        .map(({ Action, Resource, Condition }) => ({ name, Action, on: Resource.map(plain), Condition })),
    );
    const told = functionOf(made.template, 'Diagnose')[1].Properties.Environment.Variables.LANGUAGE_MODEL;
    return { asking, told };
  };
  /** `arn:PARTITION:bedrock:REGION:ACCOUNT:…` */
  const plain = (value: unknown): string => {
    const [separator, parts] = (value as { 'Fn::Join': [string, (string | { Ref: string })[]] })['Fn::Join'];
    return parts.map((part) => (typeof part === 'string' ? part : part.Ref.replace('AWS::', ''))).join(separator);
  };

  it('may be asked by nobody unless one is switched on', () => {
    expect(bedrock()).toEqual({ asking: [], told: 'null' });
  });

  it('is the one that was named, in this Region, asked by Diagnose alone', () => {
    const { asking, told } = bedrock('amazon.nova-lite-v1:0');

    expect(asking).toEqual([
      {
        name: 'Diagnose',
        Action: ['bedrock:InvokeModel'],
        on: ['arn:Partition:bedrock:Region::foundation-model/amazon.nova-lite-v1:0'],
      },
    ]);
    expect(JSON.parse(told)).toEqual({ model: 'amazon.nova-lite-v1:0', callsPerDay: 100 });
  });

  it('behind an inference profile is reached through that profile only', () => {
    const id = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
    const profile = `arn:Partition:bedrock:Region:AccountId:inference-profile/${id}`;

    const { asking } = bedrock(id);

    expect(asking.map(({ Action, on }) => [Action, on])).toEqual([
      [['bedrock:InvokeModel'], [profile]],
      [['bedrock:InvokeModel'], [`arn:Partition:bedrock:*::foundation-model/${id.slice('eu.'.length)}`]],
    ]);
    expect(plain(asking[1]!.Condition!['StringEquals']!['bedrock:InferenceProfileArn'])).toBe(profile);
  });
});

describe('a permissions boundary', () => {
  it('is set on every role when the deployment names one', () => {
    const { template } = synthesise({ 'prunella:permissionsBoundary': 'company-boundary' });

    const roles = resourcesOf(template, 'AWS::IAM::Role');
    for (const [id, { Properties }] of roles)
      expect(text(Properties.PermissionsBoundary), id).toContain('company-boundary');
  });
});
