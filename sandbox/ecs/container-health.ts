import { execFile } from 'node:child_process';
import type { HealthCheck } from '@aws-sdk/client-ecs';
import type { Clock } from '../elb/clock.ts';
import type { ContainerRecord } from './model.ts';
import type { ContainerProcess } from './process.ts';

/** The defaults of ECS (API Reference, HealthCheck). */
const DEFAULTS = { interval: 30, timeout: 5, retries: 3, startPeriod: 0 };

/**
 * Runs a container's health check as Docker does: every interval, in the container's folder and environment; so many failures
 * in a row make it UNHEALTHY, one success HEALTHY. Where the command names `localhost` with a container port, the port that
 * stands for it on this machine is put there.
 */
export function watchHealth(container: ContainerRecord, process: ContainerProcess, clock: Clock): void {
  const check = container.definition.healthCheck;
  if (!check?.command?.length || check.command[0] === 'NONE') return;
  const { interval, timeout, retries, startPeriod } = withDefaults(check);
  const command = commandOf(check, container.ports);
  const began = clock.now();
  let failures = 0;
  const look = async (): Promise<void> => {
    const passed = await run(command, process, (timeout * 1000) / clock.speed);
    if (!process.running) return;
    if (passed) {
      failures = 0;
      container.health = 'HEALTHY';
    } else if (container.health === 'HEALTHY' || clock.now() - began >= startPeriod * 1000) {
      failures += 1;
      if (failures >= retries) container.health = 'UNHEALTHY';
    }
    clock.after(interval * 1000, () => void look());
  };
  clock.after(interval * 1000, () => void look());
}

function withDefaults(check: HealthCheck): typeof DEFAULTS {
  return {
    interval: check.interval ?? DEFAULTS.interval,
    timeout: check.timeout ?? DEFAULTS.timeout,
    retries: check.retries ?? DEFAULTS.retries,
    startPeriod: check.startPeriod ?? DEFAULTS.startPeriod,
  };
}

function commandOf({ command = [] }: HealthCheck, ports: ReadonlyMap<number, number>): string[] {
  const [kind, ...words] = command;
  const local = words.map((word) =>
    word.replace(/\b(?:localhost|127\.0\.0\.1):(\d+)\b/g, (whole, port) => {
      const here = ports.get(Number(port));
      return here ? `127.0.0.1:${here}` : whole;
    }),
  );
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', local.join(' ')];
  return kind === 'CMD' ? local : ['/bin/sh', '-c', [kind, ...local].join(' ')];
}

function run(command: readonly string[], { launch }: ContainerProcess, timeoutMs: number): Promise<boolean> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const options = { cwd: launch.cwd, env: launch.env, timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
    execFile(program === 'node' ? process.execPath : program, args, options, (error) => resolve(error === null));
  });
}
