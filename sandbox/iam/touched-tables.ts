import { arn, type Input, type Place, type Touched, type Touches } from './touched.ts';

/** A table by its name or ARN. */
function table(place: Place, name: unknown): string {
  const given = String(name);
  return given.startsWith('arn:') ? given : arn(place, 'dynamodb', `table/${given}`);
}

const onTable =
  (action: string): Touches =>
  ({ TableName, IndexName }, place) => {
    const own = table(place, TableName);
    return [{ action, resource: IndexName === undefined ? own : `${own}/index/${String(IndexName)}` }];
  };

const batch =
  (action: string): Touches =>
  ({ RequestItems }, place) =>
    Object.keys((RequestItems ?? {}) as object).map((name) => ({ action, resource: table(place, name) }));

/** What each part of a transaction is judged as: there is no action for the transaction as a whole. */
const PARTS: Readonly<Record<string, string>> = {
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  Get: 'dynamodb:GetItem',
};

function transaction({ TransactItems }: Input, place: Place): Touched[] {
  return ((TransactItems ?? []) as Readonly<Record<string, { TableName?: string }>>[]).flatMap((item) =>
    Object.entries(item).map(([part, { TableName }]) => ({
      action: PARTS[part] ?? `dynamodb:${part}`,
      resource: table(place, TableName),
    })),
  );
}

const single = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'];
const batches = ['BatchGetItem', 'BatchWriteItem'];

export const dynamoDbTouches: Readonly<Record<string, Touches>> = {
  ...Object.fromEntries(single.map((name) => [`dynamodb:${name}`, onTable(`dynamodb:${name}`)])),
  ...Object.fromEntries(batches.map((name) => [`dynamodb:${name}`, batch(`dynamodb:${name}`)])),
  'dynamodb:TransactGetItems': transaction,
  'dynamodb:TransactWriteItems': transaction,
};
