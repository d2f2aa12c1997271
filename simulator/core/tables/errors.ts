import {
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  ResourceNotFoundException,
  TransactionCanceledException,
  type CancellationReason,
} from '@aws-sdk/client-dynamodb';

const $metadata = { httpStatusCode: 400 };

/** The error that DynamoDB has no model for, as the SDK throws it. */
export const validation = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', $metadata, message });

/** True for what `validation` made. */
export const isValidation = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ValidationException';

export const noTable = (): ResourceNotFoundException =>
  new ResourceNotFoundException({ $metadata, message: 'Requested resource not found' });

export const tokenReused = (): IdempotentParameterMismatchException =>
  new IdempotentParameterMismatchException({
    $metadata,
    message: 'Request token already in use for another request with a different payload',
  });

export function canceled(reasons: readonly CancellationReason[]): TransactionCanceledException {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new TransactionCanceledException({
    $metadata,
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: [...reasons],
  });
}
