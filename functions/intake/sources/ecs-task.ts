import * as z from 'zod';
import { Arn, parseArn } from '../../../layers/core/arn.ts';
import type { StoppedTask } from '../../../layers/core/signal.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { isFailedCheck } from '../../../layers/core/stops.ts';
import { defineSource, Timestamp } from '../source.ts';

const Container = z.object({
  name: z.string(),
  exitCode: z.number().int().optional(),
  reason: z.string().optional(),
});

const EcsTask = Envelope.extend({
  detail: z.object({
    taskArn: Arn,
    clusterArn: Arn,
    /** `service:<name>`, or `family:<name>` of a task that no service started. */
    group: z.string().default(''),
    lastStatus: z.string(),
    taskDefinitionArn: z.string().optional(),
    stopCode: z.string().optional(),
    stoppedReason: z.string().optional(),
    startedAt: Timestamp.optional(),
    stoppingAt: Timestamp.optional(),
    stoppedAt: Timestamp.optional(),
    containers: z.array(Container).default([]),
  }),
});
type Detail = z.infer<typeof EcsTask>['detail'];

/** SIGTERM obeyed: how a container ends when it is asked to. */
const ASKED_TO_END = 143;
const OUT_OF_MEMORY = /OutOfMemory/i;

/** Stop codes that say who stopped it, when that was nobody's fault. */
const INNOCENT: ReadonlyMap<string, string> = new Map([
  ['UserInitiated', 'someone stopped the task'],
  ['SpotInterruption', 'AWS took the spot capacity back'],
  ['TerminationNotice', 'AWS retires the host'],
]);

/** The ARN of the service that a task belongs to; undefined when no service started it. */
export function serviceOfTask({ clusterArn, group }: { clusterArn: Arn; group: string }): Arn | undefined {
  if (!group.startsWith('service:')) return undefined;
  const { partition, region, account, resource } = parseArn(clusterArn);
  const cluster = resource.replace(/^cluster\//, '');
  return `arn:${partition}:ecs:${region}:${account}:service/${cluster}/${group.slice('service:'.length)}`;
}

/**
 * Why a stop is a sign of trouble, or that it is innocent. What was stopped from outside may well end with 137 (it did
 * not obey SIGTERM in time), so that an exit code counts only when the task ended by itself or ran out of memory.
 */
export function judgeStop(detail: Detail): { trouble: string } | { innocent: string } {
  const { stopCode, stoppedReason = '', containers } = detail;
  const starved = containers.find(({ reason = '' }) => OUT_OF_MEMORY.test(reason));
  if (starved) return { trouble: `container ${starved.name} ran out of memory` };
  if (stopCode === 'TaskFailedToStart') return { trouble: `the task could not start: ${stoppedReason}` };
  const innocent = INNOCENT.get(stopCode ?? '');
  if (innocent) return { innocent };
  if (isFailedCheck({ reason: stoppedReason })) return { trouble: stoppedReason };
  if (stopCode === 'EssentialContainerExited' || /essential container/i.test(stoppedReason)) {
    return judgeExit(containers);
  }
  return { innocent: `the service's scheduler stopped it: ${stoppedReason || 'no reason given'}` };
}

function judgeExit(containers: Detail['containers']): { trouble: string } | { innocent: string } {
  const known = containers.filter(({ exitCode }) => exitCode !== undefined);
  if (known.length > 0 && known.every(({ exitCode }) => exitCode === ASKED_TO_END)) {
    return { innocent: 'its container ended when asked to (exit code 143)' };
  }
  const failed = known.find(({ exitCode }) => exitCode !== 0 && exitCode !== ASKED_TO_END);
  if (failed) return { trouble: `container ${failed.name} exited with code ${failed.exitCode}` };
  return { trouble: 'an essential container exited by itself' };
}

/** A task of a service stopped. */
export const source = defineSource({
  name: 'ecs-task',
  pattern: { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'] },
  event: EcsTask,
  read({ time, detail }) {
    if (detail.lastStatus !== 'STOPPED') return { kind: 'ignored', why: `the task is ${detail.lastStatus}` };
    const service = serviceOfTask(detail);
    if (!service) return { kind: 'ignored', why: `no service started the task (group ${detail.group || 'absent'})` };
    const judged = judgeStop(detail);
    if ('innocent' in judged) return { kind: 'ignored', why: judged.innocent };
    const stopped = stoppedTask(detail, time);
    return {
      kind: 'signal',
      signal: {
        kind: 'task-stopped',
        // ECS may report one stop in several events of higher versions: the task is what makes it one signal.
        id: `${detail.taskArn}#stopped`,
        at: stopped.stoppedAt,
        summary: `A task of ${service.split('/').at(-1)} stopped: ${judged.trouble}.`,
        stopped,
      },
      about: { resource: service },
      effect: 'opens',
    };
  },
});

/** What the event says of the stop; the container that failed speaks for the task. */
export function stoppedTask(detail: Detail, time: string): StoppedTask {
  const speaker =
    detail.containers.find(({ exitCode, reason }) => reason ?? (exitCode !== undefined && exitCode !== 0)) ??
    detail.containers[0];
  const reason = [detail.stoppedReason, speaker?.reason].filter(Boolean).join('; ');
  return {
    task: detail.taskArn,
    stoppedAt: detail.stoppedAt ?? detail.stoppingAt ?? new Date(time).toISOString(),
    ...(detail.taskDefinitionArn ? { revision: detail.taskDefinitionArn } : {}),
    ...(speaker?.exitCode === undefined ? {} : { exitCode: speaker.exitCode }),
    ...(detail.stopCode ? { stopCode: detail.stopCode } : {}),
    ...(reason ? { reason } : {}),
    ...(detail.startedAt ? { startedAt: detail.startedAt } : {}),
  };
}
