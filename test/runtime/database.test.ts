import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Contended, parseItem, read, transact } from '../../layers/runtime/database.ts';
import { withRuntime, type Call, type Runtime } from '../../layers/runtime/runtime.ts';
import { ABSENT, check, put, setting, update } from '../../layers/runtime/writes.ts';

/** Answers what it is told, and keeps what it was asked. */
function aClient(answers: readonly unknown[]) {
  const sent: TransactWriteCommandInput[] = [];
  const pauses: number[] = [];
  const call: Runtime['call'] = async <T>({ command }: Call) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(command.input as TransactWriteCommandInput);
    if (answer instanceof Error) throw answer;
    return answer as T;
  };
  const runtime = {
    call,
    random: () => 0.5,
    sleep: async (time: number) => void pauses.push(time),
  };
  return { sent, pauses, runtime };
}

const canceled = (...codes: string[]): Error =>
  Object.assign(new Error('canceled'), {
    name: 'TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({
      Code,
      ...(Code === 'ConditionalCheckFailed' && { Item: { n: { N: '7' } } }),
    })),
  });
const named = (name: string): Error => Object.assign(new Error(name), { name });

const writes = [put('first', 't', { pk: 'a', sk: 'b' }, ABSENT), check('second', 't', { pk: 'c', sk: 'd' }, ABSENT)];

describe('transact', () => {
  test('tries again with the same token after a conflict, throttling, or while the first is still going on', async () => {
    const client = aClient([
      canceled('TransactionConflict', 'None'),
      canceled('None', 'ThrottlingError'),
      named('ThrottlingException'),
      named('TransactionInProgressException'),
      {},
    ]);

    const done = await withRuntime(client.runtime, () => transact(writes));

    expect(done).toEqual({ ok: true });
    expect(client.sent).toHaveLength(5);
    expect(new Set(client.sent.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
    expect(client.pauses).toEqual([10, 20, 40, 80]);
  });

  test('says which conditions did not hold, and what stood there', async () => {
    const client = aClient([canceled('None', 'ConditionalCheckFailed')]);

    const done = await withRuntime(client.runtime, () => transact(writes));

    expect(done).toEqual({ ok: false, failed: new Map([['second', { n: 7 }]]) });
  });

  test('gives up after twelve tries, and says why', async () => {
    const client = aClient([canceled('TransactionConflict', 'None')]);

    const failing = withRuntime(client.runtime, () => transact(writes));

    await expect(failing).rejects.toThrow(Contended);
    await expect(failing).rejects.toThrow(
      'gave up after 12 tries because others kept writing the same records (first, second)',
    );
    expect(client.sent).toHaveLength(12);
    expect(Math.max(...client.pauses)).toBe(500);
  });

  test.each([named('AccessDeniedException'), named('ResourceNotFoundException'), canceled('ValidationError', 'None')])(
    'does not try again what cannot get better: %s',
    async (error) => {
      const client = aClient([error]);

      await expect(withRuntime(client.runtime, () => transact(writes))).rejects.toBe(error);

      expect(client.sent).toHaveLength(1);
    },
  );
});

describe('read', () => {
  test('is strongly consistent', async () => {
    const client = aClient([{ Item: { n: 1 } }]);

    const found = await withRuntime(client.runtime, () => read('t', { pk: 'a', sk: 'b' }, z.object({ n: z.number() })));

    expect(found).toEqual({ n: 1 });
    expect(client.sent[0]).toMatchObject({ TableName: 't', ConsistentRead: true });
  });

  test('names the record that is not what it should be', () => {
    expect(() => parseItem(z.object({ n: z.number() }), { pk: 'a', sk: 'b', n: 'one' })).toThrow(
      /the record a \/ b is not what it should be: [^]*expected number/,
    );
  });
});

describe('writes', () => {
  test('name every attribute by a placeholder, so that no reserved word stands in an expression', () => {
    const { change, values } = setting({ status: 'open', left: undefined, at: 'now' });

    const { part } = update('u', 't', { pk: 'a', sk: 'b' }, change, {
      when: '#state <> :closed',
      values: { ...values, closed: 1 },
    });

    expect(part.Update).toMatchObject({
      UpdateExpression: 'SET #status = :status, #at = :at',
      ConditionExpression: '#state <> :closed',
      ExpressionAttributeNames: { '#status': 'status', '#at': 'at', '#state': 'state' },
      ExpressionAttributeValues: { ':status': 'open', ':at': 'now', ':closed': 1 },
    });
  });
});
