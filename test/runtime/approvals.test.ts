import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, test } from 'vitest';
import { withRuntime, type Runtime } from '../../layers/runtime/runtime.ts';
import { control } from '../../layers/runtime/kb/index.ts';
import type { Question } from '../../layers/runtime/kb/control.ts';
import { freshTables } from './tables.ts';
import { after, serviceArn } from './samples.ts';

beforeAll(freshTables);

const question = (changes: Partial<Question> = {}): Question => ({
  incidentId: ulid(),
  attempt: 1,
  planHash: 'plan',
  intent: [{ resource: serviceArn(), field: 'desiredCount', was: 2, becomes: 3 }],
  token: 'token-1',
  expiresAt: after(3_600),
  ...changes,
});

const yes = { approver: 'arn:aws:iam::111122223333:user/ada', approve: true, now: after(60) };

describe('an approval', () => {
  test('is answered once, with what was asked', async () => {
    const asked = question();
    const approvalId = await control.ask(asked);

    const first = await control.answer({ approvalId, ...yes });
    const second = await control.answer({ approvalId, ...yes, approve: false });

    expect(first).toMatchObject({
      accepted: true,
      ...asked,
      approver: yes.approver,
      approved: true,
      answeredAt: after(60),
    });
    expect(second).toMatchObject({
      accepted: false,
      why: 'answered',
      approval: { approved: true, approver: yes.approver },
    });
    expect(await control.approval(asked.incidentId, 1)).toMatchObject({ approved: true });
  });

  test('takes one of two answers at once', async () => {
    const approvalId = await control.ask(question());

    const answers = await Promise.all([true, false].map((approve) => control.answer({ approvalId, ...yes, approve })));

    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  test('is not taken when it is late', async () => {
    const asked = question({ expiresAt: after(60) });
    const approvalId = await control.ask(asked);

    const answer = await control.answer({ approvalId, ...yes });

    expect(answer).toMatchObject({ accepted: false, why: 'late' });
    expect((await control.approval(asked.incidentId, 1))!.approved).toBeUndefined();
  });

  test('can be answered by incident, for its last question', async () => {
    const asked = question();
    await control.ask(asked);
    await control.ask({ ...asked, attempt: 2, token: 'token-2' });

    const answer = await control.answer({ incidentId: asked.incidentId, ...yes });

    expect(answer).toMatchObject({ accepted: true, attempt: 2, token: 'token-2' });
  });

  test('is unknown when it was never asked, or its id was guessed', async () => {
    const asked = question();
    const approvalId = await control.ask(asked);
    const guessed = `${approvalId.slice(0, -1)}${approvalId.endsWith('0') ? '1' : '0'}`;

    const answers = await Promise.all([
      control.answer({ approvalId: guessed, ...yes }),
      control.answer({ approvalId: 'no such id', ...yes }),
      control.answer({ incidentId: ulid(), ...yes }),
    ]);

    expect(answers).toEqual(Array(3).fill({ accepted: false, why: 'unknown' }));
  });

  test('keeps its id and takes the new token when the task is retried', async () => {
    const asked = question();
    const approvalId = await control.ask(asked);

    const same = await control.ask(asked);
    const retried = await control.ask({ ...asked, token: 'token-2' });

    expect([same, retried]).toEqual([approvalId, approvalId]);
    expect(await control.answer({ approvalId, ...yes })).toMatchObject({ accepted: true, token: 'token-2' });
  });

  test('keeps an answer that comes while a retried task asks again', async () => {
    const asked = question();
    const approvalId = await control.ask(asked);
    let answered = false;
    const call: Runtime['call'] = async ({ command }, send) => {
      if (command instanceof TransactWriteCommand && !answered) {
        answered = true;
        await control.answer({ approvalId, ...yes });
      }
      return send();
    };

    const again = await withRuntime({ call }, () => control.ask({ ...asked, token: 'token-2' }));

    expect(answered).toBe(true);
    expect(again).not.toBe(approvalId); // what was answered is not asked under the same id
  });

  test('is a new question for another plan: the old link no longer decides', async () => {
    const asked = question();
    const old = await control.ask(asked);
    const next = await control.ask({ ...asked, planHash: 'another plan', token: 'token-2' });

    const answer = await control.answer({ approvalId: old, ...yes });

    expect(next).not.toBe(old);
    expect(answer).toEqual({ accepted: false, why: 'unknown' });
  });
});
