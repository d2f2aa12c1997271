import { randomBytes } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { TABLES, tableEnv, type Table } from '../../layers/core/tables.ts';

/** Four new tables, named in the environment as a deployed function finds them. */
export async function createTables(client: DynamoDBClientConfig): Promise<void> {
  const dynamodb = new DynamoDBClient(client);
  const suffix = randomBytes(4).toString('hex');
  await Promise.all(
    Object.entries(TABLES).map(async ([name, indexes]) => {
      const TableName = `${name}-${suffix}`;
      await dynamodb.send(createTable(TableName, indexes));
      process.env[tableEnv(name as Table)] = TableName;
    }),
  );
  dynamodb.destroy();
}

function createTable(TableName: string, indexes: Readonly<Record<string, string>>): CreateTableCommand {
  const prefixes = Object.values(indexes);
  const keys = ['pk', 'sk', ...prefixes.flatMap((prefix) => [`${prefix}pk`, `${prefix}sk`])];
  const schema = (prefix: string) => [
    { AttributeName: `${prefix}pk`, KeyType: 'HASH' as const },
    { AttributeName: `${prefix}sk`, KeyType: 'RANGE' as const },
  ];
  return new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: schema(''),
    ...(prefixes.length > 0 && {
      GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, prefix]) => ({
        IndexName,
        KeySchema: schema(prefix),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
  });
}
