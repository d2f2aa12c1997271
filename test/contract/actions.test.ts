import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actions } from '../../functions/recover/actions.generated.ts';
import { ChangedMeanwhile, type Action, type AttemptId } from '../../layers/core/action.ts';
import { Arn, resourceTypeOf } from '../../layers/core/arn.ts';
import { Mutation } from '../../layers/core/mutation.ts';
import { SESSION_POLICY_LIMIT, sessionPolicy } from '../../layers/core/session-policy.ts';
import { ARNS, fakeAccount } from '../support/fake-account.ts';
import { situation } from '../support/situations.ts';

const ID: AttemptId = { incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF', attempt: 1 };
const catalogue = Object.entries(actions) as unknown as [string, Action<unknown>][];

/** What the account is, apart from counters that only ever rise: the value in force, not its version number. */
const inForce = ({ state }: ReturnType<typeof fakeAccount>) => ({
  revision: state.service.taskDefinition,
  desired: state.service.desiredCount,
  parameter: state.parameter.at(-1)?.Value,
  alias: state.alias.FunctionVersion,
  minimum: state.scalable?.min,
});

function given(action: Action<unknown>) {
  const heals = action.heals[0]!;
  const arn = heals.resource === 'lambda-alias' ? ARNS.alias : ARNS.service;
  const params = action.propose(situation(heals.faults[0]!, arn));
  if (typeof params === 'object' && params !== null && 'unfit' in params)
    throw new Error(`${action.name}: ${String(params.unfit)}`);
  return { account: fakeAccount(), params: action.params.parse(params) };
}

/** Of a cluster, a service, a family of task definitions; of a parameter as people name them (SSM takes 1,011). */
const LONGEST_NAME = 255;
/** Of a role, and of a function. */
const LONGEST_SHORT_NAME = 64;

/** The same parameters, of resources whose names are as long as AWS takes them; two roles where there are roles. */
function withLongNames(params: unknown): unknown {
  const long = JSON.stringify(params)
    .replaceAll(/role\/[\w-]+/g, `role/${'r'.repeat(LONGEST_SHORT_NAME)}`)
    .replaceAll(/function:\w+/g, `function:${'x'.repeat(LONGEST_NAME)}`)
    .replaceAll(/parameter\/[\w/]+/g, `parameter/${'x'.repeat(LONGEST_NAME)}`)
    .replaceAll(/(service|task)\/prod\/\w+/g, `$1/${'c'.repeat(LONGEST_NAME)}/${'x'.repeat(LONGEST_NAME)}`)
    .replaceAll(/task-definition\/\w+/g, `task-definition/${'x'.repeat(LONGEST_NAME)}`);
  const changed = JSON.parse(long) as Record<string, unknown>;
  const roles = ['task', 'execution'].map(
    (kind) => `arn:aws:iam::111122223333:role/${kind.padEnd(LONGEST_SHORT_NAME, 'r')}`,
  );
  return 'roles' in changed ? { ...changed, roles } : changed;
}

it('has every file of the folder in the catalogue, under its own name', () => {
  const files = readdirSync('functions/recover/actions').map((file) => file.replace(/\.ts$/, ''));

  expect(catalogue.map(([name]) => name)).toEqual(files.sort());
  for (const [name, action] of catalogue) expect(action.name).toBe(name);
});

describe.each(catalogue)('%s', (_name, action) => {
  it('proposes parameters for what it says it heals, and they name whole ARNs of that resource', () => {
    const { params } = given(action);

    const touched = action.touches(params);

    expect(touched.length).toBeGreaterThan(0);
    for (const arn of touched) {
      expect(() => Arn.parse(arn)).not.toThrow();
      expect(resourceTypeOf(arn)).toBeDefined();
    }
  });

  it('refuses parameters that are not its own', () => {
    expect(action.params.safeParse({}).success).toBe(false);
    expect(action.params.safeParse({ service: 'not-an-arn', alias: 'not-an-arn' }).success).toBe(false);
  });

  it('declares rights on named resources only', () => {
    const { params } = given(action);

    const grants = action.writes(params);

    expect(grants.length).toBeGreaterThan(0);
    for (const { actions: rights, on } of grants) {
      expect(rights.every((right) => /^[a-z-]+:[A-Z][A-Za-z]+$/.test(right))).toBe(true);
      expect(on.length).toBeGreaterThan(0);
      expect(on).not.toContain('*');
    }
  });

  it('fits into a session policy on resources with the longest names', () => {
    const { params } = given(action);

    const policy = sessionPolicy(action.writes(withLongNames(params)));

    expect(policy).toContain('x'.repeat(LONGEST_NAME));
    expect(policy.length).toBeLessThan(SESSION_POLICY_LIMIT);
  });

  it('says how long it settles, in that order, and how bad it is if wrong', () => {
    expect(action.settles.typical).toBeGreaterThan(0);
    expect(action.settles.atMost).toBeGreaterThanOrEqual(action.settles.typical);
    expect(action.disruption).toBeGreaterThanOrEqual(0);
    expect(action.disruption).toBeLessThanOrEqual(1);
  });

  it('reads only while it looks at preconditions and states its intent', async () => {
    const { account, params } = given(action);

    const reasons = await action.preconditions(params, account.aws);
    const intent = await action.intend(params, account.aws);

    expect(reasons).toEqual([]);
    expect(intent.length).toBeGreaterThan(0);
    for (const mutation of intent) expect(() => Mutation.parse(mutation)).not.toThrow();
    expect(account.writes).toEqual([]);
  });

  it('keeps values out of its intent', async () => {
    const { account, params } = given(action);

    const intent = await action.intend(params, account.aws);

    expect(JSON.stringify(intent)).not.toMatch(/value-\d/);
  });

  it('run twice changes what once changes', async () => {
    const { account, params } = given(action);
    const intent = await action.intend(params, account.aws);
    for (const mutation of intent) await action.apply(mutation, account.aws, ID, params);
    const once = { state: inForce(account), writes: account.writes.length };

    for (const mutation of intent) await action.apply(mutation, account.aws, ID, params);

    expect(once.writes).toBeGreaterThan(0);
    expect(inForce(account)).toEqual(once.state);
    expect(account.writes).toHaveLength(once.writes);
  });

  it('is settled once its mutations took hold', async () => {
    const { account, params } = given(action);
    const intent = await action.intend(params, account.aws);
    for (const mutation of intent) await action.apply(mutation, account.aws, ID, params);

    expect(await action.settled(params, account.aws, intent)).toBe('yes');
  });

  it('touches only the resources it leases', async () => {
    const { account, params } = given(action);

    const intent = await action.intend(params, account.aws);

    for (const { resource } of intent) expect(action.touches(params)).toContain(resource);
  });

  it.runIf(action.undo)('run and undone leaves nothing changed, however often it is undone', async () => {
    const { account, params } = given(action);
    const before = inForce(account);
    const intent = await action.intend(params, account.aws);
    for (const mutation of intent) await action.apply(mutation, account.aws, ID, params);
    expect(inForce(account)).not.toEqual(before);

    for (const mutation of [...intent].reverse())
      expect(await action.undo!(mutation, account.aws, ID, params)).toBe('undone');
    for (const mutation of [...intent].reverse())
      expect(await action.undo!(mutation, account.aws, ID, params)).toBe('undone');

    expect(inForce(account)).toEqual(before);
  });

  it.runIf(action.undo)('leaves a field alone that someone else has changed since', async () => {
    const { account, params } = given(action);
    const intent = await action.intend(params, account.aws);
    for (const mutation of intent) await action.apply(mutation, account.aws, ID, params);
    someoneElseChangesAll(account);
    const theirs = inForce(account);

    const answers = [];
    for (const mutation of [...intent].reverse()) answers.push(await action.undo!(mutation, account.aws, ID, params));

    expect(answers).toContain('left-alone');
    expect(inForce(account)).toEqual(theirs);
  });

  it.runIf(action.undo)('does not act over a change made after its intent was stored', async () => {
    const { account, params } = given(action);
    const intent = await action.intend(params, account.aws);
    someoneElseChangesAll(account);

    await expect(action.apply(intent[0]!, account.aws, ID, params)).rejects.toThrow(ChangedMeanwhile);

    expect(account.writes).toEqual([]);
  });

  it.runIf(action.touches(given(action).params).includes(ARNS.service))(
    'refuses, with the reason, a service that is a daemon, that another controller deploys, or that is scaled to zero',
    async () => {
      const cases = [
        { change: { schedulingStrategy: 'DAEMON' }, reason: /daemon/ },
        { change: { deploymentController: { type: 'CODE_DEPLOY' } }, reason: /CODE_DEPLOY/ },
        { change: { desiredCount: 0 }, reason: /zero/ },
      ];
      for (const { change, reason } of cases) {
        const { account, params } = given(action);
        Object.assign(account.state.service, change);

        const reasons = await action.preconditions(params, account.aws);

        expect(reasons.join('; ')).toMatch(reason);
      }
    },
  );
});

it.each(['restart-service', 'stop-bad-task', 'scale-out', 'raise-memory', 'rollback-deployment'] as const)(
  '%s refuses while a deployment of something else is in progress',
  async (name) => {
    const action = actions[name] as unknown as Action<unknown>;
    const { account, params } = given(action);
    account.state.service.taskDefinition = ARNS.revision(7);
    account.state.service.deployments = [
      { id: 'ecs-svc/9', status: 'PRIMARY', rolloutState: 'IN_PROGRESS', taskDefinition: ARNS.revision(8) },
      { id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'COMPLETED', taskDefinition: ARNS.revision(7) },
    ];

    const reasons = await action.preconditions(params, account.aws);

    expect(reasons.join('; ')).toMatch(/in progress/);
  },
);

it('scale-out raises the minimum where an autoscaler owns the count', async () => {
  const action = actions['scale-out'];
  const account = fakeAccount();
  account.state.scalable = { min: 2, max: 10 };
  const params = action.propose(situation('overload', ARNS.service, {}, { scalableTarget: { min: 2, max: 10 } }));
  if ('unfit' in params) throw new Error(params.unfit);

  const intent = await action.intend(params, account.aws);
  await action.apply(intent[0]!, account.aws, ID, params);

  expect(intent).toEqual([{ resource: ARNS.service, field: 'minCapacity', was: 2, becomes: 7 }]);
  expect(account.state.scalable.min).toBe(7);
  expect(account.writes).toEqual(['RegisterScalableTarget']);
});

it('scale-out has not settled before the autoscaler wants as many tasks as its new minimum', async () => {
  const account = fakeAccount();
  const params = { service: ARNS.service, field: 'minCapacity', to: 7 } as const;
  const settled = () => actions['scale-out'].settled(params, account.aws, []);
  account.state.service.desiredCount = 4;
  account.state.service.runningCount = 4;
  const before = await settled();
  account.state.service.desiredCount = 7;
  const wanted = await settled();
  account.state.service.runningCount = 7;

  const running = await settled();

  expect([before, wanted, running]).toEqual(['not-yet', 'not-yet', 'yes']);
});

it('rollback-deployment honours the tag that forbids it', () => {
  const answer = actions['rollback-deployment'].propose(
    situation('bad-deployment', ARNS.service, {}, { noRollback: true }),
  );

  expect(answer).toEqual({ unfit: expect.stringContaining('prunella:no-rollback') });
});

function someoneElseChangesAll({ state }: ReturnType<typeof fakeAccount>): void {
  state.service.taskDefinition = ARNS.revision(6).replace('api:6', 'api:60');
  state.revisions.set(state.service.taskDefinition, {
    ...state.revisions.get(ARNS.revision(6)),
    taskDefinitionArn: state.service.taskDefinition,
  });
  state.service.desiredCount = 9;
  state.service.deployments = [
    { id: 'ecs-svc/77', status: 'PRIMARY', rolloutState: 'COMPLETED', taskDefinition: state.service.taskDefinition },
  ];
  state.parameter.push({ Version: state.parameter.length + 1, Value: 'theirs', Type: 'String' });
  state.alias.FunctionVersion = '6';
}
