import type { Context } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { handler } from '../../../functions/approval/answer.ts';
import { firstInput } from '../../../layers/runtime/executions.ts';
import { audit, control } from '../../../layers/runtime/kb/index.ts';
import { withRuntime, type Runtime } from '../../../layers/runtime/runtime.ts';
import { after, anIncident } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';

const ADA = 'arn:aws:iam::111122223333:user/ada';
const BOB = 'arn:aws:iam::111122223333:user/bob';
const context = { awsRequestId: 'r', functionName: 'answer', getRemainingTimeInMillis: () => 30_000 } as Context;

/** Step Functions: a token is good once, as long as its state waits. */
let waiting: Map<string, unknown>;
const call: Runtime['call'] = ({ service, command }, send) => {
  if (service !== 'states') return send();
  const { taskToken, output } = (command as unknown as { input: { taskToken: string; output: string } }).input;
  if (waiting.get(taskToken) !== 'waits')
    return Promise.reject(Object.assign(new Error('Task Timed Out'), { name: 'TaskTimedOut' }));
  waiting.set(taskToken, JSON.parse(output));
  return Promise.resolve({} as never);
};

beforeAll(freshTables);
beforeEach(() => {
  waiting = new Map();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

/** An incident that waits for a person until an hour after the start. */
async function asked(token = 'token') {
  const { incidentId, resource } = await anIncident();
  const intent = [{ resource: resource.arn, field: 'desiredCount', was: 2, becomes: 3 }];
  const question = { incidentId, attempt: 1, planHash: 'plan', intent, token, expiresAt: after(3600) };
  const approvalId = await control.ask(question);
  await audit.append({
    incidentId,
    eventId: 'AwaitApproval#4',
    at: after(0),
    state: 'AwaitApproval',
    attempt: 1,
    verdict: 'asked',
    why: ['a person is asked'],
    saw: {},
    result: { ...firstInput(incidentId), step: 4, attempt: 1 },
  });
  waiting.set(token, 'waits');
  return { incidentId, approvalId, question };
}
const say = (input: object, seconds = 60) =>
  withRuntime({ now: () => after(seconds), call }, () => handler(input, context));
const answersIn = async (incidentId: string) =>
  (await audit.trail(incidentId)).filter(({ verdict }) => verdict !== 'asked');

describe('an answer', () => {
  test('in time goes on with the execution, and the trail says who gave it', async () => {
    const { incidentId, approvalId } = await asked();

    const answer = await say({ incidentId, approvalId, approve: true, approver: ADA });

    expect(answer).toEqual({ accepted: true, message: `approved: incident ${incidentId} goes on` });
    expect(waiting.get('token')).toMatchObject({ incidentId, step: 5, attempt: 1, verdict: 'approved', because: '' });
    expect(await answersIn(incidentId)).toMatchObject([{ verdict: 'approved', why: [`approved by ${ADA}`] }]);
  });

  test.each([
    ['the same person again', { approve: true, approver: ADA }],
    ['another person', { approve: true, approver: BOB }],
    ['another person with the opposite', { approve: false, approver: BOB }],
    ['the same person with the opposite', { approve: false, approver: ADA }],
  ])('that was given already stands: %s is told so, and changes nothing', async (_who, second) => {
    const { incidentId } = await asked();
    await say({ incidentId, approve: true, approver: ADA });
    const before = waiting.get('token');

    const answer = await say({ incidentId, ...second }, 120);

    expect(answer).toEqual({
      accepted: false,
      why: 'answered',
      message: `it was approved by ${ADA} at ${after(60)} already: that answer stands`,
    });
    expect(waiting.get('token')).toBe(before);
    expect(await answersIn(incidentId)).toHaveLength(1);
  });

  test('that was noted and got lost on its way is sent on when it is given again', async () => {
    const { incidentId } = await asked();
    await control.answer({ incidentId, approve: true, approver: ADA, now: after(30) });

    const answer = await say({ incidentId, approve: true, approver: ADA });

    expect(answer).toMatchObject({ accepted: true });
    expect(waiting.get('token')).toMatchObject({ verdict: 'approved' });
  });

  test('that comes late is told so, and the execution hears nothing', async () => {
    const { incidentId } = await asked();

    const answer = await say({ incidentId, approve: true, approver: ADA }, 3600);

    expect(answer).toMatchObject({
      accepted: false,
      why: 'late',
      message: expect.stringContaining(`expired at ${after(3600)}`),
    });
    expect(waiting.get('token')).toBe('waits');
    expect(await answersIn(incidentId)).toEqual([]);
  });

  test('to what no execution waits for any more is told so', async () => {
    const { incidentId } = await asked();
    waiting.clear();

    const answer = await say({ incidentId, approve: true, approver: ADA });

    expect(answer).toMatchObject({
      accepted: false,
      why: 'late',
      message: expect.stringContaining('no longer waits for it'),
    });
  });

  test('to a question that was replaced by another plan counts for nothing', async () => {
    const { incidentId, approvalId, question } = await asked();
    await control.ask({ ...question, planHash: 'another', token: 'token-2' });

    const answer = await say({ incidentId, approvalId, approve: true, approver: ADA });

    expect(answer).toMatchObject({ accepted: false, why: 'unknown' });
    expect(waiting.get('token')).toBe('waits');
  });

  test('to another incident finds nothing that was asked', async () => {
    const { approvalId } = await asked();
    const { incidentId } = await anIncident();

    const answer = await say({ incidentId, approve: true, approver: ADA });
    const mixed = await say({ incidentId, approvalId, approve: true, approver: ADA });

    expect(answer).toMatchObject({ accepted: false, why: 'unknown' });
    expect(mixed).toMatchObject({ accepted: false, why: 'unknown' });
    expect(waiting.get('token')).toBe('waits');
  });

  test.each([[{}], [{ approve: 'yes' }], [{ approve: true, approver: '' }], ['GET /approve']])(
    'that is none (%j) is refused with what would be right',
    async (input) => {
      await expect(say(input as object)).rejects.toThrow(/approval-answer cannot read its input/);
    },
  );
});
