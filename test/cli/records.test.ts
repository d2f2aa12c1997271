import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
import { AuthorizationErrorException, GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnswerOutput } from '../../functions/approval/answer.ts';
import { findBreak } from '../../layers/core/audit.ts';
import { tables } from '../../layers/runtime/documents.ts';
import { control, incidents, audit } from '../../layers/runtime/kb/index.ts';
import { anIncident, aResource, after, serviceArn } from '../runtime/samples.ts';
import { freshTables } from '../runtime/tables.ts';
import { prunella } from './commandline.ts';

// What is deployed is not the matter here: the tables are, and the command line reads them by the code of the functions.
vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => Promise.resolve({ name: 'a test', answerFunction: 'answer', discoverFunction: 'discover' }),
}));

const lambda = mockClient(LambdaClient);
const sts = mockClient(STSClient);
const sns = mockClient(SNSClient);
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:operators';
const subscriptions = (SubscriptionsConfirmed: string, SubscriptionsPending: string) =>
  sns.on(GetTopicAttributesCommand).resolves({ Attributes: { SubscriptionsConfirmed, SubscriptionsPending } });
const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/operator/jo';

beforeAll(freshTables);

beforeEach(() => {
  lambda.reset();
  sts.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Arn: OPERATOR });
  sns.reset();
  subscriptions('1', '0');
  vi.stubEnv('TOPIC_ARN', TOPIC);
});

const answers = (answer: AnswerOutput) =>
  lambda.on(InvokeCommand).resolves({ Payload: Buffer.from(JSON.stringify(answer)) as never });

const entry = (incidentId: string, n: number, verdict: string, why: string[], state = 'Verify') =>
  audit.append({ incidentId, eventId: `${state}#${n}`, at: after(n * 40), state, attempt: n, verdict, why, saw: {} });

describe('explain', () => {
  it('tells the story from the trail: when, which state, which verdict, why, and how it ended', async () => {
    const resource = aResource({ arn: serviceArn('story') });
    const { incidentId } = await anIncident(resource);
    await entry(incidentId, 0, 'gather', ['it is real', 'two tasks failed'], 'Detect');
    await entry(incidentId, 2, 'recovered', ['three good points'], 'Verify');
    const ending = { kind: 'recovered', by: 'action', action: 'restart-service', why: 'three good points' } as const;
    await incidents.close(incidentId, ending, 1, after(90));

    const { code, printed } = await prunella('explain', incidentId);

    expect(code).toBe(0);
    expect(printed).toContain(`Incident ${incidentId}: recovered by restart-service\ncluster/story  (${resource.arn})`);
    expect(printed).toContain('\n+0 s        Detect: gather\n            it is real\n            two tasks failed\n');
    expect(printed).toContain('\n+1 min 20 s Verify (attempt 2): recovered\n            three good points\n');
    expect(printed).toContain('Audit trail: 2 entries, each linked to the one before.');
  });

  it('answers one JSON document with the trail and the attempts', async () => {
    const { incidentId } = await anIncident();
    await entry(incidentId, 0, 'gather', ['it is real']);

    const { printed } = await prunella('explain', incidentId, '--json');

    expect(JSON.parse(printed)).toMatchObject({
      incident: { incidentId, status: 'opening' },
      trail: [{ n: 1, verdict: 'gather' }],
      attempts: [],
      chain: 'whole',
    });
  });

  it('says of an incident that there is none', async () => {
    const { code, complained } = await prunella('explain', '01JD3Q8Z3M7N5V6XK2B4C9D8EF');

    expect(code).toBe(1);
    expect(complained).toMatch(/^prunella: there is no incident 01JD3Q8Z3M7N5V6XK2B4C9D8EF/);
  });
});

describe('incidents', () => {
  it('lists the latest with fault, attempts and ending', async () => {
    const { incidentId } = await anIncident(aResource({ arn: serviceArn('listed') }), after(3600));

    const { printed } = await prunella('incidents', '--last', '1');

    expect(printed.split('\n')[0]).toMatch(/^incident +opened +resource +fault +attempts +ending$/);
    expect(printed).toMatch(new RegExp(`${incidentId} +2026-03-01T13:00:00.000Z +cluster/listed +0 +open`));
  });
});

describe('stop and go', () => {
  it('set the lever in the name of whoever signed the call, and status says so', async () => {
    lambda.on(InvokeCommand).resolves({ Payload: Buffer.from('{}') as never });

    await prunella('go');
    const on = await prunella('status');
    const went = await control.lever('healing');
    const stopped = await prunella('stop', '--json');
    const off = await prunella('status');

    expect(went).toBe('disengaged');
    expect(on.printed).toContain('healing   on');
    expect(JSON.parse(stopped.printed)).toEqual({ healing: 'engaged', by: OPERATOR });
    expect(off.printed).toContain('healing   STOPPED');
    expect(await control.lever('healing')).toBe('engaged');
  });

  it('does not go when taking stock fails', async () => {
    lambda
      .on(InvokeCommand)
      .resolves({ FunctionError: 'Unhandled', Payload: Buffer.from('{"errorMessage":"no"}') as never });

    const { code, complained } = await prunella('go');

    expect(code).toBe(1);
    expect(complained).toContain('discover failed');
    expect(await control.lever('healing')).toBe('engaged');
  });
});

describe('discover', () => {
  it('says what is watched, and what could not be read', async () => {
    const found = { watched: 2, removed: 1, alarms: 1, unresolved: 3, gaps: ["X-Ray's service graph: throttled"] };
    lambda.on(InvokeCommand).resolves({ Payload: Buffer.from(JSON.stringify(found)) as never });

    const { printed } = await prunella('discover');

    expect(printed.split('\n')).toEqual([
      '2 resources watched, 1 alarm about them.',
      '1 resource forgotten: no longer tagged, or gone.',
      '3 alarms could not be resolved to a resource (npx prunella status --alarms lists them).',
      "Not read: X-Ray's service graph: throttled",
    ]);
  });
});

describe('status', () => {
  it('says how to subscribe where nobody would read an escalation, as go does', async () => {
    lambda.on(InvokeCommand).resolves({ Payload: Buffer.from('{}') as never });
    subscriptions('0', '0');

    const [status, go] = [await prunella('status'), await prunella('go')];
    await prunella('stop');

    for (const { code, printed } of [status, go]) {
      expect(code).toBe(0);
      expect(printed).toContain('nobody is told of escalations');
      expect(printed).toContain(`aws sns subscribe --topic-arn ${TOPIC} --protocol email`);
    }
  });

  it('tells of an address that has not confirmed yet, and is silent where somebody is told', async () => {
    subscriptions('0', '1');
    const pending = await prunella('status');
    subscriptions('1', '1');
    const { printed } = await prunella('status');

    expect(pending.printed).toContain('1 subscription to be confirmed by the link');
    expect(printed).not.toContain('operators');
  });

  it('goes on where its credentials may not ask who is told', async () => {
    sns.on(GetTopicAttributesCommand).rejects(new AuthorizationErrorException({ $metadata: {}, message: 'no' }));

    const { code, printed } = await prunella('status', '--json');

    expect(code).toBe(0);
    expect(JSON.parse(printed)).not.toHaveProperty('operators');
  });

  it('says which incident waits for a person, and what to type', async () => {
    const { incidentId } = await anIncident();
    await audit.append({
      incidentId,
      eventId: 'AwaitApproval#1',
      at: after(5),
      state: 'AwaitApproval',
      attempt: 1,
      verdict: 'asked',
      why: ['a person is asked'],
      saw: {},
    });

    const { printed } = await prunella('status');

    expect(printed).toContain(`waits for a person: npx prunella approve ${incidentId} (or deny)`);
  });
});

describe('approve and deny', () => {
  it.each([
    ['approve', true, 'Approved.'],
    ['deny', false, 'Denied.'],
  ])('%s sends the answer in the name of whoever signed the call', async (command, approve, said) => {
    const { incidentId } = await anIncident();
    answers({ accepted: true, message: 'it goes on' });

    const { code, printed } = await prunella(command, incidentId);

    expect(code).toBe(0);
    expect(printed).toContain(said);
    const [call] = lambda.commandCalls(InvokeCommand);
    expect(JSON.parse(String(call?.args[0].input.Payload))).toEqual({ incidentId, approve, approver: OPERATOR });
  });

  it('say why an answer was not taken', async () => {
    const { incidentId } = await anIncident();
    answers({ accepted: false, why: 'late', message: 'too late: the question expired at 12:00' });

    const { code, complained } = await prunella('approve', incidentId);

    expect(code).toBe(1);
    expect(complained).toBe('prunella: your answer was not taken: too late: the question expired at 12:00');
  });
});

describe('audit verify', () => {
  it('recomputes each chain', async () => {
    const { incidentId } = await anIncident();
    await entry(incidentId, 0, 'gather', ['it is real']);

    const { code, printed } = await prunella('audit', 'verify');

    expect(code).toBe(0);
    expect(printed).toMatch(new RegExp(`${incidentId} +1  whole`));
  });

  /** Whoever may write the table does this; no function of Prunella may. */
  async function tamper(
    command: (key: { pk: string; sk: string }, table: string) => object,
    incidentId: string,
    n: number,
  ) {
    const key = { pk: `INCIDENT#${incidentId}`, sk: `ENTRY#${String(n).padStart(8, '0')}` };
    await tables.send(command(key, process.env['AUDIT_TABLE'] ?? '') as never);
  }
  const change = (Key: object, TableName: string) =>
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #verdict = :verdict',
      ExpressionAttributeNames: { '#verdict': 'verdict' },
      ExpressionAttributeValues: { ':verdict': 'noise' },
    });
  const take = (Key: object, TableName: string) => new DeleteCommand({ TableName, Key });
  /** The entry of another number in its place, under its own. */
  const swap = (Key: { pk: string }, TableName: string) =>
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #n = :n',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':n': 3 },
    });

  it.each([
    ['was changed', change, 2, 'entry 2 was changed after it was written'],
    ['was removed', take, 2, 'entry 2 is missing or out of order: found 3'],
    ['was removed from the end', take, 3, 'entry 3 and all after it are missing, up to 3'],
    ['stands in another’s place', swap, 2, 'entry 2 is missing or out of order: found 3'],
  ])('ends with 1 and names the incident when an entry %s in the table itself', async (_what, command, n, chain) => {
    const { incidentId } = await anIncident(aResource(), new Date().toISOString());
    for (const step of [0, 1, 2]) await entry(incidentId, step, 'gather', ['it is real']);
    await tamper(command, incidentId, n);

    const { code, printed } = await prunella('audit', 'verify', '--last', '1');
    const told = await prunella('explain', incidentId);

    expect(code).toBe(1);
    expect(printed).toContain(chain);
    expect(told.printed).toContain(`THE AUDIT TRAIL IS BROKEN: ${chain}`);
  });

  it('ends with 1 and names the incident when an entry was changed, also as JSON', async () => {
    const { incidentId } = await anIncident();
    const written = await entry(incidentId, 0, 'gather', ['it is real']);
    const broken = findBreak([{ ...written, why: ['it was noise'] }]);
    vi.spyOn(audit, 'verified').mockResolvedValue({ entries: [written], broken });

    const plain = await prunella('audit', 'verify', '--last', '1');
    const json = await prunella('audit', 'verify', '--last', '1', '--json');

    expect(plain).toMatchObject({ code: 1, complained: 'prunella: 1 of 1 audit trails are broken' });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.printed)).toEqual([
      expect.objectContaining({ chain: 'entry 1 was changed after it was written' }),
    ]);
  });
});
