import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();

interface Context {
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

/** Writes an item and answers what its runtime told it. */
export async function handler(
  event: { readonly kind?: string; readonly fail?: string },
  context: Context,
): Promise<unknown> {
  process.stdout.write(`${JSON.stringify({ message: 'called', kind: event.kind })}\n`);
  if (event.fail !== undefined) throw Object.assign(new Error('asked to fail'), { name: event.fail });
  await client.send(
    new PutItemCommand({ TableName: process.env['TABLE'] ?? '', Item: { pk: { S: event.kind ?? 'none' } } }),
  );
  return {
    functionName: context.functionName,
    invokedFunctionArn: context.invokedFunctionArn,
    awsRequestId: context.awsRequestId,
    memoryLimitInMB: context.memoryLimitInMB,
    remaining: context.getRemainingTimeInMillis(),
    executionEnv: process.env['AWS_EXECUTION_ENV'],
    endpoint: process.env['AWS_ENDPOINT_URL'],
    release: process.env['RELEASE'],
  };
}
