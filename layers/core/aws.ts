/**
 * The seam to AWS. Plug-ins make commands of the AWS SDK v3 and send them through these clients; they never make a
 * client themselves, so that account, Region, credentials, retries and test doubles are decided in one place.
 */

/** The part of an SDK v3 command that carries its answer's type. */
export interface AwsCommand<Output> {
  readonly input: object;
  resolveMiddleware(...args: never[]): (args: never) => Promise<{ output: Output }>;
}

export interface AwsClient {
  send<Output>(command: AwsCommand<Output>): Promise<Output>;
}

/** The services actions and evidence use. Each is in the bundle of every function that reads or acts: list none in advance. */
export const AWS_SERVICES = [
  'ecs',
  'lambda',
  'ssm',
  'cloudwatch',
  'logs',
  'elbv2',
  'autoscaling',
  'dynamodb',
  'tagging',
  'xray',
] as const;
export type AwsService = (typeof AWS_SERVICES)[number];

/** Clients for one account and Region. */
export type Aws = Readonly<Record<AwsService, AwsClient>>;

/** True for the errors an SDK throws under that name. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
