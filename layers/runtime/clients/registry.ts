import type { AwsClient, AwsService } from '../../core/aws.ts';
import type { CredentialsProvider } from '../assumed-role.ts';
import type { clientDefaults } from '../client-defaults.ts';

export type ClientSettings = ReturnType<typeof clientDefaults> & { region: string; credentials?: CredentialsProvider };

export interface ServiceClient {
  /** The service's name in IAM. */
  readonly prefix: string;
  readonly make: (settings: ClientSettings) => object;
}

const provided = new Map<AwsService, ServiceClient>();

/**
 * Says how the client of a service is made. A service that one function alone uses is provided by a module of its own,
 * which that function's code imports, so that it is in no other bundle.
 */
export function provideClient(service: AwsService, client: ServiceClient): void {
  provided.set(service, client);
}

/** @throws Error when no module of this bundle provides it */
export function serviceClient(service: AwsService): ServiceClient {
  const client = provided.get(service);
  if (client) return client;
  throw new Error(
    `there is no ${service} client in this bundle: import layers/runtime/clients/${service}.ts where it is used`,
  );
}

export const makeClient = (service: AwsService, settings: ClientSettings): AwsClient =>
  serviceClient(service).make(settings) as AwsClient;
