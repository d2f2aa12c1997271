import { describe, expect, it } from 'vitest';
import { actions } from '../../functions/recover/actions.generated.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { functionOf, roleId, statements } from './policies.ts';
import { synthesise } from './synth.ts';
import { usageOf, usageOfAction } from './usage.ts';

const deployed = synthesise({
  passRoles: ['arn:aws:iam::111122223333:role/app-task'],
  'prunella:languageModel': 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
});
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** Grants that no code of Prunella's sends a call for, and why they are there all the same. */
const KEPT: readonly { readonly actions: RegExp; readonly of: RegExp; readonly because: string }[] = [
  {
    of: /^\w+Role/,
    actions: /^logs:(CreateLogStream|PutLogEvents)$/,
    because: 'Lambda writes the log of a function with its role',
  },
  {
    of: /^\w+Role/,
    actions: /^xray:(PutTraceSegments|PutTelemetryRecords)$/,
    because: 'Lambda and Step Functions send traces with the role',
  },
  {
    of: /^(Intake|Changes|Discover|Watch)Role/,
    actions: /^sqs:(ChangeMessageVisibility|DeleteMessage|GetQueueAttributes|GetQueueUrl|ReceiveMessage)$/,
    because: 'Lambda polls the queue of a function with its role; the CDK grants it with the event source',
  },
  {
    of: /^(Discover|Reconcile|WatchPlan|Probe|Train)Role/,
    actions: /^sqs:(SendMessage|GetQueueAttributes|GetQueueUrl)$/,
    because: 'Lambda sends on what failed with the role of the function; the CDK grants it with the destination',
  },
  {
    of: /^\w+Role/,
    actions: /^kms:(Decrypt|DescribeKey|Encrypt|GenerateDataKey)$/,
    because: 'DynamoDB and SNS use the key in the name of whoever calls them',
  },
  { of: /^HealRole/, actions: /^lambda:InvokeFunction$/, because: 'Step Functions calls the steps with this role' },
  {
    of: /^HealRole/,
    actions: /^(logs:|xray:GetSampling)/,
    because: 'Step Functions sets up and delivers its log and its traces with this role',
  },
];

interface Grant {
  /** Logical id of the role, or of the policy that it is attached by. */
  readonly of: string;
  readonly action: string;
  /** A table of Prunella's own that it is on. */
  readonly table?: string;
}

/** Every grant in the template; those on tables once a table. */
const granted: Grant[] = [...statements(deployed)].flatMap(([of, all]) =>
  all.flatMap(({ Action, Resource }) =>
    Action.flatMap((action): Grant[] => {
      if (!action.startsWith('dynamodb:')) return [{ of, action }];
      const tables = Resource.flatMap((each) => /Data(\w+?)Table/.exec(JSON.stringify(each))?.[1]?.toLowerCase() ?? []);
      return [...new Set(tables)].map((table) => ({ of, action, table }));
    }),
  ),
);

/** What may be sent with the rights of a role: by what runs as it, or assumes it. */
const sent = new Map<string, ReadonlySet<string>>([
  ...NAMES.map((name) => [roleId(deployed.template, `${name}Role`), functionSends(name)] as const),
  ...Object.keys(actions).map(
    (name) => [roleId(deployed.template, `Action${name.replaceAll('-', '')}`), usageOfAction(name).actions] as const,
  ),
  [readingPolicy(), new Set(readers().flatMap((name) => [...usageOf(name).actions]))],
]);

function functionSends(name: FunctionName): Set<string> {
  const { actions: own, calls } = usageOf(name);
  return new Set<string>([...own, ...calls]);
}

function readingPolicy(): string {
  return [...statements(deployed).keys()].find((id) => id.startsWith('ReadingPolicy')) ?? '';
}

function readers(): FunctionName[] {
  return NAMES.filter(
    (name) => 'READER_ROLE_ARN' in functionOf(deployed.template, name)[1].Properties.Environment.Variables,
  );
}

const isSent = ({ of, action, table }: Grant): boolean =>
  sent.get(of)?.has(table === undefined ? action : `${table} ${action}`) === true;
const keptBy = ({ of, action }: Grant) => KEPT.filter((kept) => kept.of.test(of) && kept.actions.test(action));

describe('a grant', () => {
  it('is for a call that some code sends, or is kept for a reason', () => {
    const unused = granted.filter((grant) => !isSent(grant) && keptBy(grant).length === 0);

    expect(granted.length).toBeGreaterThan(200);
    expect(unused.map(({ of, action, table = '' }) => `${of}: ${action} ${table}`.trim())).toEqual([]);
  });

  it('is found when no code sends it', () => {
    const verify = roleId(deployed.template, 'VerifyRole');
    const restart = roleId(deployed.template, 'Actionrestartservice');

    expect(isSent({ of: verify, action: 'dynamodb:UpdateItem', table: 'incidents' })).toBe(true);
    expect(isSent({ of: verify, action: 'dynamodb:DeleteItem', table: 'incidents' })).toBe(false);
    expect(isSent({ of: restart, action: 'ecs:UpdateService' })).toBe(true);
    expect(isSent({ of: restart, action: 'ecs:StopTask' })).toBe(false);
  });

  it('is kept for a reason only where there is such a grant that no code sends', () => {
    const needless = KEPT.filter((kept) => !granted.some((grant) => !isSent(grant) && keptBy(grant).includes(kept)));

    expect(needless).toEqual([]);
    for (const { because } of KEPT) expect(because.length).toBeGreaterThan(30);
  });
});

describe('code', () => {
  it.each(NAMES)('of %s sends nothing to the tables that its role does not grant', (name) => {
    const role = roleId(deployed.template, `${name}Role`);
    const rights = granted.flatMap(({ of, action, table }) => (of === role && table ? [`${table} ${action}`] : []));

    expect([...new Set(rights)].sort()).toEqual([...usageOf(name).calls].sort());
  });

  it.each(Object.keys(actions))('of %s changes nothing for which it declares no right', (name) => {
    const changes = [...usageOfAction(name).actions].filter((action) => !/:(Describe|Get|List)/.test(action));
    const rights = granted.filter(({ of }) => of === roleId(deployed.template, `Action${name.replaceAll('-', '')}`));

    expect(changes.length).toBeGreaterThan(0);
    expect(rights.map(({ action }) => action)).toEqual(expect.arrayContaining(changes));
  });

  it.each(NAMES)('of %s reads workloads only as the reading role may', (name) => {
    const reads = [...usageOf(name).actions].filter((action) => /:(Describe|Get|List|Filter)/.test(action));
    const own = rightsFor(roleId(deployed.template, `${name}Role`));
    const reading = readers().includes(name) ? rightsFor(readingPolicy()) : new Set<string>();

    if (name === 'Learn') return; // it reads the catalogue of actions, whose code comes along and is never run there
    expect(reads.filter((action) => !own.has(action) && !reading.has(action))).toEqual([]);
  });
});

function rightsFor(id: string): Set<string> {
  return new Set(granted.filter(({ of }) => of === id).map(({ action }) => action));
}
