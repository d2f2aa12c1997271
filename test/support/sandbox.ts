import { inject } from 'vitest';
import type { DeployedResource } from '../../sandbox/contract.ts';
import type { DeployRequest, StackOutputs } from '../../sandbox/deploy/cdk.ts';
import type { TemplateDifference } from '../../sandbox/deploy/differences.ts';

/** The local account that the tests of a run share. Name what you create so that neighbours do not meet it. */
export interface SharedAccount {
  readonly endpoint: string;
  /** Environment for clients and child processes. */
  readonly env: Readonly<Record<string, string>>;
  /** For the constructors of SDK clients. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  deploy(request: DeployRequest): Promise<StackOutputs>;
  resources(): Promise<readonly DeployedResource[]>;
  /** How the template that the emulator was given differs from the one that was deployed. */
  difference(stackName: string): Promise<TemplateDifference>;
}

/** The shared account; it starts when the first test asks, within two seconds. */
export async function sharedAccount(): Promise<SharedAccount> {
  const { endpoint, env } = await ask<Pick<SharedAccount, 'endpoint' | 'env'>>('/account');
  const credentials = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
  return {
    endpoint,
    env,
    client: { endpoint, region: env['AWS_REGION'] ?? '', credentials },
    deploy: (request) => ask<StackOutputs>('/deploy', request),
    difference: (stackName) => ask<TemplateDifference>('/difference', { stackName }),
    resources: () => ask<readonly DeployedResource[]>('/resources'),
  };
}

async function ask<T>(path: string, input: unknown = {}): Promise<T> {
  const answer = await fetch(inject('accountControl') + path, { method: 'POST', body: JSON.stringify(input) });
  const { result, error } = (await answer.json()) as { result?: T; error?: string };
  if (error !== undefined) throw new Error(error);
  return result as T;
}
