import { describe, expect, it } from 'vitest';
import { actions } from '../../functions/recover/actions.generated.ts';
import { samples } from '../../infra/sample.ts';
import type { Action, Grant } from '../../layers/core/action.ts';
import { actionReference, hasConditionKey, type ActionReference } from '../../sandbox/iam/reference.ts';
import { resourcesOf, statements } from './policies.ts';
import { synthesise } from './synth.ts';

const { template } = synthesise({
  passRoles: ['arn:aws:iam::111122223333:role/app-task'],
  'prunella:languageModel': 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
});

/** Keys that every request has, whatever it is for ("AWS global condition context keys"). */
const GLOBAL = [
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'AWS:SourceOwner',
  'aws:PrincipalAccount',
  'aws:ViaAWSService',
];

/** Where the reference and what AWS does part, and where that is written. */
const KEPT_WILDCARDS: Readonly<Record<string, string>> = {
  'cloudwatch:DescribeAlarms': 'composite alarms are answered only to whom * is granted (its API reference)',
  'ecs:ListTasks': 'by service it is judged on *: its one resource type is the container instance (its error messages)',
};

interface Right {
  readonly of: string;
  readonly action: string;
  readonly resources: readonly string[];
  readonly keys: readonly string[];
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** A template's expression as text; what is only known at deploy becomes a wildcard. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [name, argument] = Object.entries(value as object)[0] as [string, unknown];
  if (name === 'Ref' && argument === 'AWS::Partition') return 'aws';
  if (name !== 'Fn::Join') return name === 'Fn::GetAtt' ? arnOf((argument as string[])[0]!) : '*';
  const [separator, parts] = argument as [string, unknown[]];
  return parts.map(textOf).join(separator);
}

/** The ARN that a resource of the template will have, as far as its type says. */
function arnOf(logicalId: string): string {
  const services: Readonly<Record<string, string>> = {
    'AWS::DynamoDB::Table': 'arn:aws:dynamodb:*:*:table/*',
    'AWS::IAM::Role': 'arn:aws:iam::*:role/*',
    'AWS::KMS::Key': 'arn:aws:kms:*:*:key/*',
    'AWS::Lambda::Function': 'arn:aws:lambda:*:*:function:*',
    'AWS::Logs::LogGroup': 'arn:aws:logs:*:*:log-group:*',
    'AWS::SQS::Queue': 'arn:aws:sqs:*:*:*',
  };
  const type = template.Resources[logicalId].Type as string;
  const arn = services[type];
  if (arn === undefined) throw new Error(`what is the ARN of a ${type}?`);
  return arn;
}

const keysOf = (condition: unknown): string[] =>
  Object.values((condition ?? {}) as Record<string, object>).flatMap((keys) => Object.keys(keys));

/** All that roles are granted in the template. `Ref` of a topic is its ARN. */
const granted: Right[] = [...statements({ template })].flatMap(([of, all]) =>
  all.flatMap(({ Action, Resource, Condition }) =>
    Action.map((action) => ({
      of,
      action,
      resources: Resource.map((each) => (isTopic(each) ? 'arn:aws:sns:*:*:*' : textOf(each))),
      keys: keysOf(Condition),
    })),
  ),
);

function isTopic(value: unknown): boolean {
  const { Ref } = (typeof value === 'object' ? value : {}) as { Ref?: string };
  return Ref !== undefined && template.Resources[Ref]?.Type === 'AWS::SNS::Topic';
}

/** What the actions of the catalogue declare, for any resource. */
const declared: Right[] = Object.entries(actions).flatMap(([of, action]) => {
  const { params, writes } = action as unknown as Action<unknown>;
  return samples(params).flatMap((each) =>
    writes(each).flatMap(({ actions: names, on, tagged, condition }: Grant) =>
      names.map((name) => ({
        of,
        action: name,
        resources: on,
        keys: [...keysOf(condition), ...(tagged ? ['aws:ResourceTag/prunella:mode'] : [])],
      })),
    ),
  );
});

/** Policies of resources, whose resource is the one they stand on. */
const OWN_POLICIES = [
  ['AWS::KMS::Key', 'KeyPolicy'],
  ['AWS::SQS::QueuePolicy', 'PolicyDocument'],
  ['AWS::SNS::TopicPolicy', 'PolicyDocument'],
] as const;
const ofResources: Right[] = OWN_POLICIES.flatMap(([type, property]) =>
  resourcesOf(template, type).flatMap(([of, { Properties }]) =>
    list(Properties[property].Statement).flatMap((statement) => {
      const { Action, Condition } = statement as { Action: unknown; Condition?: unknown };
      return list(Action).map((action) => ({ of, action: String(action), resources: [], keys: keysOf(Condition) }));
    }),
  ),
);

async function referenceOf(action: string): Promise<ActionReference> {
  const reference = await actionReference(action);
  if (reference === undefined) throw new Error(`AWS has no action ${action}`);
  return reference;
}

const whole = (rights: readonly Right[]) => rights.filter(({ action }) => !action.includes('*'));

describe('AWS’s service authorization reference', () => {
  it('knows every action that is granted or declared, by that spelling', async () => {
    const names = [
      ...new Set(whole([...granted, ...declared, ...ofResources]).map(({ action }) => action.replace(/^SNS:/, 'sns:'))),
    ];

    for (const name of names) expect((await referenceOf(name)).name).toBe(name);
    expect(names.length).toBeGreaterThan(50);
  });

  it('would not know one that is misspelt', async () => {
    expect(await actionReference('ecs:UpdateServices')).toBeUndefined();
    expect(await actionReference('elb:DescribeRules')).toBeUndefined();
  });

  it('knows every condition key, for the action that it is demanded of', async () => {
    const unknown: string[] = [];
    for (const { of, action, keys } of whole([...granted, ...declared, ...ofResources])) {
      const reference = await referenceOf(action.replace(/^SNS:/, 'sns:'));
      for (const key of keys)
        if (!GLOBAL.includes(key) && !hasConditionKey(reference, key)) unknown.push(`${of}: ${key} of ${action}`);
    }

    expect([...new Set(unknown)]).toEqual([]);
  });

  it('has the resource types on which rights are granted or declared', async () => {
    const unknown: string[] = [];
    for (const { of, action, resources } of [...granted, ...declared]) {
      const { resourceTypes } = await referenceOf(action);
      const odd = resources
        .filter((resource) => resource !== '*')
        .filter((resource) => !resourceTypes.some(({ arn }) => mayBe(resource, arn)));
      if (odd.length > 0) unknown.push(`${of}: ${action} on ${odd.join(', ')}`);
    }

    expect(unknown).toEqual(TOKENS);
  });

  it('has none where a right is granted on *, but for those of which AWS says otherwise', async () => {
    const wide: string[] = [];
    for (const { action, resources } of [...granted, ...declared]) {
      if (!resources.includes('*')) continue;
      const { resourceTypes } = await referenceOf(action);
      if (resourceTypes.some(({ required }) => required)) wide.push(action);
    }

    expect([...new Set(wide)].sort()).toEqual(Object.keys(KEPT_WILDCARDS));
  });
});

/** Judged on the state machine, says AWS's own error message; the reference gives it no resource type. */
const TOKENS = [expect.stringMatching(/^ApprovalAnswerRole\w+: states:SendTaskSuccess on .*:stateMachine:/)];

/** Whether an ARN with wildcards can be of a type, whose ARN has wildcards too: whether some ARN is covered by both. */
function mayBe(resource: string, type: string): boolean {
  return overlap(
    resource.replace('arn:aws:open:', 'arn:aws:*:').replace(/any-region-0|000000000000|\bANY\b/g, '*'),
    type,
  );
}

function overlap(a: string, b: string): boolean {
  if (a === '' || b === '') return /^\**$/.test(a + b);
  if (a.startsWith('*')) return overlap(a.slice(1), b) || overlap(a, b.slice(1));
  if (b.startsWith('*')) return overlap(b, a);
  return a[0] === b[0] && overlap(a.slice(1), b.slice(1));
}
