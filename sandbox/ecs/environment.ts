import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { LoadBalancers, SandboxContext } from '../contract.ts';
import type { ContainerRecord, TaskRecord } from './model.ts';

/** The docker labels that say how a container runs on this machine. */
export const COMMAND_LABEL = 'prunella.local.command';
export const CWD_LABEL = 'prunella.local.cwd';

/**
 * Program and arguments of a container: a JSON array, or words separated by spaces (quotes keep words together; no shell).
 * @throws Error when the label is missing or empty.
 */
export function commandOf(container: ContainerDefinition): string[] {
  const label = container.dockerLabels?.[COMMAND_LABEL]?.trim();
  if (!label) {
    throw new Error(
      `the local account runs no images: give container '${container.name}' the docker label ${COMMAND_LABEL}, e.g. "node server.ts"`,
    );
  }
  if (label.startsWith('[')) return JSON.parse(label) as string[];
  const words = label.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g);
  return [...words].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}

/** The working directory: the label, from the application's folder. @throws Error when there is no such folder. */
export function workingDirectory(container: ContainerDefinition, folder: string): string {
  const cwd = resolve(folder, container.dockerLabels?.[CWD_LABEL] ?? '.');
  if (!existsSync(cwd)) throw new Error(`container '${container.name}' should run in ${cwd}, which does not exist`);
  return cwd;
}

const taken = new Set<number>();

/** A free loopback port that was not given out before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((found, failed) => {
      const server = createServer();
      server.once('error', failed);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => found(address && typeof address === 'object' ? address.port : 0));
      });
    });
    if (!taken.has(port)) {
      taken.add(port);
      return port;
    }
  }
}

/** Gives a port back once nothing listens on it any more. */
export function releasePort(port: number): void {
  taken.delete(port);
}

/** What a container's process finds in its environment. Later entries win: ports and endpoint are the account's to say. */
export function environmentOf(
  task: TaskRecord,
  container: ContainerRecord,
  secrets: ReadonlyMap<string, string>,
  context: SandboxContext,
  loadBalancers: LoadBalancers,
): Record<string, string> {
  const env: Record<string, string> = {
    HOME: process.env['HOME'] ?? '/',
    AWS_REGION: context.region,
    AWS_DEFAULT_REGION: context.region,
    AWS_ACCESS_KEY_ID: context.accountId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    // On AWS the daemon is a container beside it.
    ...(context.daemonAddress === undefined ? {} : { AWS_XRAY_DAEMON_ADDRESS: context.daemonAddress }),
  };
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.definition.name);
  for (const { name, value } of [...(container.definition.environment ?? []), ...(override?.environment ?? [])])
    if (name) env[name] = localised(value ?? '', loadBalancers);
  for (const { name, valueFrom } of container.definition.secrets ?? [])
    if (name && valueFrom) env[name] = localised(secrets.get(valueFrom) ?? '', loadBalancers);
  let first = true;
  for (const [containerPort, port] of container.ports) {
    if (first) env['PORT'] = String(port);
    env[`PORT_${containerPort}`] = String(port);
    first = false;
  }
  env['AWS_ENDPOINT_URL'] = context.endpoint;
  return env;
}

const DNS_NAME = /(https?:\/\/)?((?:internal-)?[a-z0-9-]+\.[a-z0-9-]+\.elb\.amazonaws\.com(?::\d+)?)/gi;

/** Puts the local address where a text names a load balancer of this account. */
export function localised(value: string, loadBalancers: Pick<LoadBalancers, 'addressOf'>): string {
  return value.replace(DNS_NAME, (whole, scheme: string | undefined, name: string) => {
    const address = loadBalancers.addressOf(name);
    if (!address) return whole;
    return scheme ? `http://${address}` : address;
  });
}
