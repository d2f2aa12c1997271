import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { TABLES, tableEnv, type Table } from '../../../layers/core/tables.ts';
import type { AwsCommand } from '../../../layers/core/aws.ts';
import { Tables } from '../../../simulator/core/tables.ts';
import { freshTables } from '../../runtime/tables.ts';
import { sharedAccount } from '../../support/sandbox.ts';
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

const table = (): string => process.env['INCIDENTS_TABLE'] ?? '';
const key = (sk: string) => ({ pk: 'a', sk });
type Action = Readonly<Record<string, object>>;
const transact = (...items: Action[]) =>
  new TransactWriteCommand({
    TransactItems: items.map((item) =>
      Object.fromEntries(Object.entries(item).map(([kind, input]) => [kind, { TableName: table(), ...input }])),
    ) as never,
  });
const names = (text: string) =>
  Object.fromEntries([...text.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [placeholder, name ?? '']));
const used = (text: string) => {
  const found = names(text);
  return Object.keys(found).length > 0 ? { ExpressionAttributeNames: found } : {};
};
const values = (given: Record<string, unknown> | undefined) => (given ? { ExpressionAttributeValues: given } : {});
const check = (when: string, given?: Record<string, unknown>, sk = '1') =>
  transact({
    ConditionCheck: {
      Key: key(sk),
      ConditionExpression: when,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...used(when),
      ...values(given),
    },
  });
const update = (change: string, given?: Record<string, unknown>, sk = '1') =>
  transact({ Update: { Key: key(sk), UpdateExpression: change, ...used(change), ...values(given) } });
const query = (where: string, given: Record<string, unknown>, more: object = {}) =>
  new QueryCommand({ TableName: table(), KeyConditionExpression: where, ...used(where), ...values(given), ...more });

const ITEM = {
  ...key('1'),
  n: 0.1,
  text: 'abc',
  yes: true,
  nothing: null,
  bytes: new Uint8Array([1, 2, 250]),
  list: ['x', { deep: [1, 2, 3] }, 5],
  map: { a: { b: 1 } },
  letters: new Set(['p', 'q']),
  numbers: new Set([1, 2.5]),
};

/** What is sent, one after the other, to both. */
const COMMANDS: Readonly<Record<string, () => AwsCommand<unknown>>> = {
  'put whole': () => transact({ Put: { Item: ITEM } }),
  'put several': () =>
    transact(
      ...['2', '3', '30', '4'].map((sk) => ({
        Put: { Item: { ...key(sk), gsi1pk: 'S', gsi1sk: `t${9 - Number(sk)}`, sk } },
      })),
    ),
  'put a set in a map in a list': () => transact({ Put: { Item: { ...key('5'), at: [{ s: new Set([3]) }] } } }),
  get: () => new GetCommand({ TableName: table(), Key: key('1') }),
  'get nothing': () => new GetCommand({ TableName: table(), Key: key('none') }),
  'get by half a key': () => new GetCommand({ TableName: table(), Key: { pk: 'a' } }),
  'get from no table': () => new GetCommand({ TableName: 'no-such-table', Key: key('1') }),
  batch: () => new BatchGetCommand({ RequestItems: { [table()]: { Keys: [key('2'), key('none')] } } }),
  'batch twice the same': () => new BatchGetCommand({ RequestItems: { [table()]: { Keys: [key('2'), key('2')] } } }),
  equal: () => check('#n = :n AND #text = :t AND #map = :m', { ':n': 0.1, ':t': 'abc', ':m': { a: { b: 1 } } }),
  unequal: () => check('#n <> :n', { ':n': 0.1 }),
  'unequal to what is not there': () => check('#absent <> :n', { ':n': 1 }),
  'unequal in no item': () => check('#absent <> :n', { ':n': 1 }, 'none'),
  'equal to what is not there': () => check('#absent = :n', { ':n': 1 }),
  'another type': () => check('#n < :t', { ':t': 'z' }),
  'not another type': () => check('NOT #n < :t', { ':t': 'z' }),
  precedence: () => check('#n = :n OR #n = :m AND #n = :m', { ':n': 0.1, ':m': 5 }),
  parentheses: () => check('(#n = :n OR #n = :m) AND #n = :m', { ':n': 0.1, ':m': 5 }),
  'not before and': () => check('NOT #n = :m AND #text = :t', { ':m': 5, ':t': 'abc' }),
  'redundant parentheses': () => check('((#n = :n))', { ':n': 0.1 }),
  'needed parentheses': () => check('((#n = :n) AND #text = :t) OR (#n = :t)', { ':n': 0.1, ':t': 'abc' }),
  exists: () => check('attribute_exists(#map.#a.#b) AND attribute_not_exists(#map.#a.#c)'),
  'exists in a list': () => check('attribute_exists(#list[1].#deep[2]) AND attribute_not_exists(#list[1].#deep[3])'),
  'null exists': () => check('attribute_exists(#nothing)'),
  begins: () => check('begins_with(#text, :p)', { ':p': 'ab' }),
  'begins not': () => check('begins_with(#n, :p)', { ':p': 'ab' }),
  'begins with a number': () => check('begins_with(#text, :p)', { ':p': 1 }),
  contains: () =>
    check('contains(#text, :b) AND contains(#letters, :p) AND contains(#numbers, :n) AND contains(#list, :five)', {
      ':b': 'b',
      ':p': 'p',
      ':n': 2.5,
      ':five': 5,
    }),
  'contains not': () => check('contains(#letters, :p)', { ':p': 'z' }),
  in: () => check('#text IN (:a, :b)', { ':a': 'x', ':b': 'abc' }),
  'not in': () => check('#text IN (:a, :b)', { ':a': 'x', ':b': 'y' }),
  between: () =>
    check('#n BETWEEN :a AND :b AND #text BETWEEN :c AND :d', { ':a': 0, ':b': 1, ':c': 'abc', ':d': 'b' }),
  size: () => check('size(#list) = :n AND size(#text) = :n AND size(#map) < :n', { ':n': 3 }),
  type: () => check('attribute_type(#letters, :t)', { ':t': 'SS' }),
  'keywords in small letters': () => check('#n = :n and not #text = :n or #n in (:n)', { ':n': 0.1 }),
  'unused value': () => check('#n = :n', { ':n': 0.1, ':m': 1 }),
  'unknown value': () => check('#n = :other', { ':n': 0.1 }),
  'no operator': () => check('#n'),
  'half an expression': () => check('#n = :n AND', { ':n': 0.1 }),
  'several reasons': () =>
    transact(
      { Put: { Item: { ...key('7') } } },
      {
        Put: {
          Item: { ...key('1'), other: 1 },
          ConditionExpression: 'attribute_not_exists(#pk)',
          ExpressionAttributeNames: { '#pk': 'pk' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      {
        Delete: {
          Key: key('none'),
          ConditionExpression: 'attribute_exists(#pk)',
          ExpressionAttributeNames: { '#pk': 'pk' },
        },
      },
    ),
  'two on one item': () => transact({ Put: { Item: key('8') } }, { Delete: { Key: key('8') } }),
  'nothing at all': () => transact(),
  'delete nothing': () => transact({ Delete: { Key: key('none') } }),
  set: () => update('SET #map.#a.#c = :v, #list[1].#deep[0] = :v, #list[20] = :v, #fresh = :v', { ':v': { x: [1] } }),
  'set decimals': () => update('SET #n = #n + :n, #m = if_not_exists(#m, :n) + :n, #o = :n - #n', { ':n': 0.2 }),
  'set from before': () => update('SET #text = #map, #map = #text'),
  append: () =>
    update('SET #list = list_append(#list, :v), #fifo = list_append(if_not_exists(#fifo, :none), :v)', {
      ':v': [1],
      ':none': [],
    }),
  remove: () => update('REMOVE #list[0], #fresh, #absent'),
  add: () => update('ADD #count :n, #letters :s, #tags :s', { ':n': 2, ':s': new Set(['q', 'r']) }),
  'add again': () => update('ADD #count :n', { ':n': -0.5 }),
  'delete members': () =>
    update('DELETE #letters :s, #tags :t', { ':s': new Set(['q', 'z']), ':t': new Set(['q', 'r']) }),
  'all sections': () =>
    update('SET #s1 = :n REMOVE #yes ADD #count :n DELETE #numbers :m', { ':n': 1, ':m': new Set([1]) }),
  'update makes an item': () => update('SET #made = :v', { ':v': 1 }, '9'),
  'add to text': () => update('ADD #nothing :n', { ':n': 2 }),
  'plus what is not there': () => update('SET #x = #absent + :n', { ':n': 2 }),
  'a path that is not there': () => update('SET #absent.#x = :n', { ':n': 2 }),
  'an index key that is no text': () => update('SET #gsi1pk = :n', { ':n': 1 }, '2'),
  'get what became of it': () => new GetCommand({ TableName: table(), Key: key('1'), ConsistentRead: true }),
  query: () => query('#pk = :pk', { ':pk': 'a' }),
  'query backwards': () => query('#pk = :pk AND #sk < :sk', { ':pk': 'a', ':sk': '4' }, { ScanIndexForward: false }),
  'query up to': () => query('#pk = :pk AND #sk <= :sk', { ':pk': 'a', ':sk': '30' }),
  'query from': () => query('#pk = :pk AND #sk >= :sk', { ':pk': 'a', ':sk': '3' }),
  'query beyond': () => query('#pk = :pk AND #sk > :sk', { ':pk': 'a', ':sk': '3' }),
  'query one': () => query('#pk = :pk AND #sk = :sk', { ':pk': 'a', ':sk': '3' }),
  'query by prefix': () => query('#pk = :pk AND begins_with(#sk, :sk)', { ':pk': 'a', ':sk': '3' }),
  'query between': () => query('#pk = :pk AND #sk BETWEEN :a AND :b', { ':pk': 'a', ':a': '2', ':b': '30' }),
  'query between upside down': () => query('#pk = :pk AND #sk BETWEEN :a AND :b', { ':pk': 'a', ':a': '3', ':b': '2' }),
  'query a page': () => query('#pk = :pk', { ':pk': 'a' }, { Limit: 2 }),
  'query the next page': () => query('#pk = :pk', { ':pk': 'a' }, { Limit: 2, ExclusiveStartKey: key('2') }),
  'query the next page backwards': () =>
    query('#pk = :pk', { ':pk': 'a' }, { Limit: 2, ScanIndexForward: false, ExclusiveStartKey: key('30') }),
  'query after what is not there': () => query('#pk = :pk', { ':pk': 'a' }, { Limit: 2, ExclusiveStartKey: key('29') }),
  'query an index': () => query('#gsi1pk = :pk', { ':pk': 'S' }, { IndexName: 'status-time', ScanIndexForward: false }),
  'query a page of an index': () => query('#gsi1pk = :pk', { ':pk': 'S' }, { IndexName: 'status-time', Limit: 2 }),
  'query the next page of an index': () =>
    query(
      '#gsi1pk = :pk',
      { ':pk': 'S' },
      { IndexName: 'status-time', Limit: 2, ExclusiveStartKey: { ...key('4'), gsi1pk: 'S', gsi1sk: 't5' } },
    ),
  'query an index consistently': () =>
    query('#gsi1pk = :pk', { ':pk': 'S' }, { IndexName: 'status-time', ConsistentRead: true }),
  'query no index': () => query('#gsi1pk = :pk', { ':pk': 'S' }, { IndexName: 'none' }),
  'query by another attribute': () => query('#text = :pk', { ':pk': 'S' }),
  'scan one': () =>
    new ScanCommand({
      TableName: table(),
      FilterExpression: 'begins_with(#pk, :p)',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':p': 'a' },
    }),
};

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

  test('a reader who changes what it was given changes nothing', () => {
    const tables = tablesAt({ now: 0 });
    tables.answer(put('1', { list: [1] }));

    (tables.answer(get('1')) as { Item: { list: number[] } }).Item.list.push(2);

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
