/** An action that a call needs, with the resource that it is judged on. */
export interface Touched {
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** Condition keys that this service answers, beside the global ones. */
  readonly keys?: Readonly<Record<string, string | undefined>>;
}

/** Where a call is made. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

export type Input = Readonly<Record<string, unknown>>;
export type Touches = (input: Input, place: Place) => readonly Touched[];

/** IAM's names of services, where they are not the names that requests are signed for. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', tagging: 'tag' };

/** The few operations that IAM names otherwise. */
const ACTIONS: Readonly<Record<string, string>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** What IAM calls an operation, e.g. `cloudwatch:DescribeAlarms` for `monitoring` and `DescribeAlarms`. */
export function actionOf(signingName: string, operation: string): string {
  const action = `${PREFIXES[signingName] ?? signingName}:${operation}`;
  return ACTIONS[action] ?? action;
}

export function arn({ region, accountId }: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
