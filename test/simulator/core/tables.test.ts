import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { TABLES, tableEnv, type Table } from '../../../layers/core/tables.ts';
import type { AwsCommand } from '../../../layers/core/aws.ts';
import { Tables } from '../../../simulator/core/tables.ts';
import { freshTables } from '../../runtime/tables.ts';
import { sharedAccount } from '../../support/sandbox.ts';
import { COMMANDS, check, key, table, transact, update } from './commands.ts';
import { dumpOfEmulator, playCalls } from './knowledge-base.ts';

const inMemory = (clock = () => 0): Tables =>
  new Tables({
    clock,
    names: Object.fromEntries(
      (Object.keys(TABLES) as Table[]).map((table) => [table, process.env[tableEnv(table)] ?? table]),
    ) as Record<Table, string>,
  });

describe.each([11, 12, 13])('random calls of the knowledge base (seed %i)', (seed) => {
  beforeAll(freshTables);

  test('are answered as the emulator answers them, and leave the same items', { timeout: 120_000 }, async () => {
    const tables = inMemory();
    const call = <T>({ command }: { command: AwsCommand<unknown> }) =>
      Promise.resolve().then(() => tables.answer(command) as T);

    const expected = await playCalls(seed, 250, {});
    const answers = await playCalls(seed, 250, { call });

    expect(answers).toEqual(expected);
    expect(tables.dump()).toEqual(await dumpOfEmulator());
    // Both ways out are walked, or the comparison would be of nothing.
    expect(expected.filter(({ error }) => error === undefined).length).toBeGreaterThan(100);
    expect(expected.filter(({ error }) => error !== undefined).length).toBeGreaterThan(10);
  });
});

/** Where ours says the same in other words. */
const code = (error: unknown): unknown => {
  const { name, CancellationReasons } = error as {
    name: string;
    CancellationReasons?: { Code: string; Item?: object }[];
  };
  return {
    name,
    ...(CancellationReasons && { reasons: CancellationReasons.map(({ Code, Item }) => ({ Code, Item })) }),
  };
};

async function outcome(send: () => Promise<unknown>): Promise<unknown> {
  try {
    const answer = (await send()) as object;
    const { $metadata: _, ...rest } = answer as { $metadata?: unknown };
    return rest;
  } catch (error) {
    return code(error);
  }
}

describe('commands one by one', () => {
  let tables: Tables;
  let documents: DynamoDBDocumentClient;
  beforeAll(async () => {
    await freshTables();
    tables = inMemory();
    documents = DynamoDBDocumentClient.from(new DynamoDBClient((await sharedAccount()).client), {
      marshallOptions: { removeUndefinedValues: true },
    });
  });

  test.each(Object.keys(COMMANDS))('%s', async (name) => {
    const make = COMMANDS[name]!;

    const expected = await outcome(() => documents.send(make() as never));
    const found = await outcome(async () => tables.answer(make()));

    expect(found).toEqual(expected);
  });
});

/** The message of the error, and of the reasons in it. */
function said(send: () => unknown): string {
  try {
    send();
  } catch (error) {
    const { message, CancellationReasons = [] } = error as {
      message: string;
      CancellationReasons?: { Message?: string }[];
    };
    return [message, ...CancellationReasons.map(({ Message }) => Message)].join(' ');
  }
  return 'nothing';
}

describe('what the emulator does not show', () => {
  test.each([
    ['SET #map = :n, #map.#a = :n', 'Two document paths overlap with each other'],
    ['SET #sk = :n', 'Cannot update attribute sk. This attribute is part of the key'],
    ['SET #x = :n SET #y = :n', 'The "SET" section can only be used once in an update expression'],
    ['PUT #x = :n', 'Syntax error; token: "PUT"'],
    ['SET #x = :n,', 'Syntax error; token: "<EOF>"'],
    ['SET x = :n', 'Syntax error; token: "x"'],
    ['SET #x = :n ? #y', 'Syntax error; token: "?"'],
  ])('an update %s is refused', (change, why) => {
    const tables = inMemory();

    const send = () => tables.answer(update(change, { ':n': 1 }));

    expect(said(send)).toContain(why);
  });

  // The example of the Developer Guide, "Removing elements from a list". The emulator takes one away after the other.
  test('positions in a list are those before the update', () => {
    const tables = inMemory();
    const tools = ['Chisel', 'Hammer', 'Nails', 'Screwdriver', 'Hacksaw'];
    tables.answer(transact({ Put: { Item: { ...key('1'), tools } } }));

    tables.answer(update('REMOVE #tools[1], #tools[2]'));

    expect(tables.dump()[table()]).toEqual([{ ...key('1'), tools: ['Chisel', 'Screwdriver', 'Hacksaw'] }]);
  });

  test('truth has no order', () => {
    expect(said(() => inMemory().answer(check('#yes < :t', { ':t': true })))).toContain('Incorrect operand type');
  });

  const put = (sk: string, more: object, token?: string) =>
    new TransactWriteCommand({
      TransactItems: [{ Put: { TableName: 'incidents', Item: { ...key(sk), ...more } } }],
      ...(token && { ClientRequestToken: token }),
    });
  const get = (sk: string) => new GetCommand({ TableName: 'incidents', Key: key(sk) });
  const tablesAt = (time: { now: number }, indexLag = 0) => new Tables({ clock: () => time.now, indexLag });

  test('the same token writes once for ten minutes, and is for one request only', () => {
    const time = { now: 0 };
    const tables = tablesAt(time);

    tables.answer(put('1', { n: 1 }, 'token'));
    tables.answer(put('1', { n: 2 }));
    tables.answer(put('1', { n: 1 }, 'token'));
    const kept = tables.answer(get('1'));
    const mismatch = () => tables.answer(put('1', { n: 3 }, 'token'));

    expect(kept).toEqual({ Item: { ...key('1'), n: 2 } });
    expect(mismatch).toThrow(expect.objectContaining({ name: 'IdempotentParameterMismatchException' }));
    time.now = 600_000;
    tables.answer(put('1', { n: 1 }, 'token'));
    expect(tables.answer(get('1'))).toEqual({ Item: { ...key('1'), n: 1 } });
  });

  test('an index shows a write only after its lag, and then as it was', () => {
    const time = { now: 0 };
    const tables = tablesAt(time, 500);
    const open = () => {
      const found = tables.answer(
        new QueryCommand({
          TableName: 'incidents',
          IndexName: 'status-time',
          KeyConditionExpression: '#gsi1pk = :pk',
          ExpressionAttributeNames: { '#gsi1pk': 'gsi1pk' },
          ExpressionAttributeValues: { ':pk': 'open' },
        }),
      ) as { Items: { n: number }[] };
      return found.Items.map(({ n }) => n);
    };

    tables.answer(put('1', { gsi1pk: 'open', gsi1sk: 't', n: 1 }));
    time.now = 300;
    tables.answer(put('1', { gsi1pk: 'open', gsi1sk: 't', n: 2 }));

    expect(open()).toEqual([]);
    time.now = 500;
    expect(open()).toEqual([1]);
    time.now = 800;
    expect(open()).toEqual([2]);
  });

  test('a page of a query ends before 1 MB, and an item may have 400 KB', () => {
    const tables = tablesAt({ now: 0 });
    for (const sk of ['1', '2', '3']) tables.answer(put(sk, { text: 'x'.repeat(400_000) }));
    const command = new QueryCommand({
      TableName: 'incidents',
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':pk': 'a' },
    });

    expect(tables.answer(command)).toMatchObject({ Count: 2, LastEvaluatedKey: key('2') });
    expect(() => tables.answer(put('4', { text: 'x'.repeat(410_000) }))).toThrow(
      expect.objectContaining({ name: 'TransactionCanceledException' }),
    );
  });

  test('a reader cannot change what it was given, and what was given to be written can be changed afterwards', () => {
    const tables = tablesAt({ now: 0 });
    const given = { list: [1] };
    tables.answer(put('1', given));

    given.list.push(2);
    const change = () => (tables.answer(get('1')) as { Item: { list: number[] } }).Item.list.push(3);

    expect(change).toThrow(TypeError);
    expect(tables.answer(get('1'))).toEqual({ Item: { ...key('1'), list: [1] } });
  });

  test('what is not simulated is refused by name', () => {
    const tables = tablesAt({ now: 0 });

    expect(() => tables.answer(new PutCommand({ TableName: 'incidents', Item: key('1') }))).toThrow(
      "the simulator's tables do not answer PutItem",
    );
    expect(() =>
      tables.answer(new GetCommand({ TableName: 'incidents', Key: key('1'), ProjectionExpression: 'a' })),
    ).toThrow("the simulator's tables know no ProjectionExpression of GetItem");
  });
});
