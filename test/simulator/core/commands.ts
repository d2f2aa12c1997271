import { BatchGetCommand, GetCommand, QueryCommand, ScanCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { AwsCommand } from '../../../layers/core/aws.ts';

export const table = (): string => process.env['INCIDENTS_TABLE'] ?? '';
export const key = (sk: string) => ({ pk: 'a', sk });
type Action = Readonly<Record<string, object>>;
export const transact = (...items: Action[]) =>
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
export const check = (when: string, given?: Record<string, unknown>, sk = '1') =>
  transact({
    ConditionCheck: {
      Key: key(sk),
      ConditionExpression: when,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...used(when),
      ...values(given),
    },
  });
export const update = (change: string, given?: Record<string, unknown>, sk = '1') =>
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
export const COMMANDS: Readonly<Record<string, () => AwsCommand<unknown>>> = {
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
