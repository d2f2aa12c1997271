import { describe, expect, it, vi } from 'vitest';
import { insightPoints, UsageMonitor } from '../../../sandbox/ecs/usage.ts';
import type { ContainerRecord, ServiceRecord, TaskRecord } from '../../../sandbox/ecs/model.ts';
import type { Usage } from '../../../sandbox/ecs/sampler.ts';

const MEBIBYTE = 1024 * 1024;
const cluster = { name: 'test', settings: [{ name: 'containerInsights', value: 'enabled' }] };
const service = { name: 'web', cluster, status: 'ACTIVE', desiredCount: 3 } as unknown as ServiceRecord;

/** A running task of one container, of which only what usage is about is filled in. */
function task(
  pid: number,
  { cpu = '256', memory = '512', hardLimit = undefined as number | undefined } = {},
): TaskRecord & { signal: ReturnType<typeof vi.fn> } {
  const signal = vi.fn();
  const container = {
    definition: { memory: hardLimit },
    process: { pid, running: true, signal },
  } as unknown as ContainerRecord;
  const definition = { registered: { cpu, memory } };
  const record = {
    service,
    cluster,
    definition,
    containers: [container],
    overrides: {},
    desiredStatus: 'RUNNING',
    lastStatus: 'RUNNING',
  };
  return { ...record, signal } as unknown as TaskRecord & { signal: ReturnType<typeof vi.fn> };
}

/** A monitor whose reader answers what the test sets, on a clock that the test moves. */
function monitorOf(): { monitor: UsageMonitor; usages: Map<number, Usage>; pass: (seconds: number) => void } {
  const usages = new Map<number, Usage>();
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pass = (seconds: number): void => void (now += seconds * 1000);
  return { monitor: new UsageMonitor(async () => usages), usages, pass };
}

describe('the usage of tasks', () => {
  it('is published as one sample a task and minute, against the limits of the task', async () => {
    const { monitor, usages, pass } = monitorOf();
    const tasks = [task(1), task(2, { cpu: '1024', memory: '2048' })];
    usages
      .set(1, { cpuSeconds: 10, memoryBytes: 128 * MEBIBYTE })
      .set(2, { cpuSeconds: 0, memoryBytes: 512 * MEBIBYTE });
    await monitor.look(tasks);
    pass(60);
    usages
      .set(1, { cpuSeconds: 22, memoryBytes: 384 * MEBIBYTE })
      .set(2, { cpuSeconds: 6, memoryBytes: 512 * MEBIBYTE });
    await monitor.look(tasks);

    const timestamp = new Date('2026-01-01T00:00:00Z');
    const points = monitor.takeMinute(timestamp);

    const common = {
      namespace: 'AWS/ECS',
      dimensions: { ClusterName: 'test', ServiceName: 'web' },
      unit: 'Percent',
      timestamp,
    };
    expect(points).toEqual([
      { ...common, metricName: 'CPUUtilization', value: 80 },
      { ...common, metricName: 'MemoryUtilization', value: 50 },
      { ...common, metricName: 'CPUUtilization', value: 10 },
      { ...common, metricName: 'MemoryUtilization', value: 25 },
    ]);
    expect(monitor.takeMinute(timestamp)).toEqual([]);
  });

  it('over the limit of the task or of its container ends it', async () => {
    const { monitor, usages } = monitorOf();
    const [within, over, hard] = [task(1), task(2), task(3, { hardLimit: 100 })];
    usages.set(1, { cpuSeconds: 0, memoryBytes: 512 * MEBIBYTE });
    usages.set(2, { cpuSeconds: 0, memoryBytes: 513 * MEBIBYTE });
    usages.set(3, { cpuSeconds: 0, memoryBytes: 101 * MEBIBYTE });

    await monitor.look([within, over, hard]);

    expect([within, over, hard].map(({ signal }) => signal.mock.calls)).toEqual([[], [['SIGKILL']], [['SIGKILL']]]);
    expect(over.containers[0]?.outOfMemory).toBe(true);
  });

  it('counts tasks for clusters with Container Insights only', () => {
    const timestamp = new Date('2026-01-01T00:00:00Z');
    const pending = { ...task(3), lastStatus: 'PENDING' } as TaskRecord;
    const without = { ...service, cluster: { ...cluster, settings: [] } } as unknown as ServiceRecord;

    const points = insightPoints([service, without], [task(1), task(2), pending], timestamp);

    expect(points.map(({ metricName, value }) => [metricName, value])).toEqual([
      ['RunningTaskCount', 2],
      ['PendingTaskCount', 1],
      ['DesiredTaskCount', 3],
    ]);
  });
});
