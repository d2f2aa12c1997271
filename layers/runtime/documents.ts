import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AwsClient } from '../core/aws.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';

/** The one client for Prunella's own tables. */
export const tables: AwsClient = through(
  'tables',
  () =>
    DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults()), {
      marshallOptions: { removeUndefinedValues: true },
    }) as AwsClient,
);
