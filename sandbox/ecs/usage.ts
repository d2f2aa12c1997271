import type { MetricPoint } from '../contract.ts';
import { isLive, type ClusterRecord, type ContainerRecord, type ServiceRecord, type TaskRecord } from './model.ts';
import type { ReadUsage, Usage } from './sampler.ts';

const MEBIBYTE = 1024 * 1024;
const CPU_UNITS_PER_CORE = 1024;
const DEFAULT_CPU_UNITS = 256;
const DEFAULT_MEMORY_MIB = 512;

/** A task must have been seen this long within a minute to count, in real seconds. */
const SHORTEST_WINDOW_SECONDS = 1;

interface Window {
  readonly cpuSeconds: number;
  /** Real seconds. */
  readonly at: number;
}

interface Seen {
  /** At the beginning of the minute, and at the two last looks. */
  minuteBegan: Window;
  before: Window;
  last: Window;
  memoryBytes: number;
  memorySum: number;
  looks: number;
}

/** What a task uses, against its own limits. */
export interface TaskUsage {
  /** Percent of the task's CPU units; over 100 when it takes more than it was given, as nothing holds it back here. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly memoryMiB: number;
}

/**
 * Looks at what the tasks use, ends those that use more memory than they may, and keeps what the metrics need. CPU is
 * measured per process tree against its own limit, so that neighbours on the same machine do not look like overload.
 */
export class UsageMonitor {
  readonly #read: ReadUsage;
  readonly #seen = new Map<TaskRecord, Seen>();

  constructor(read: ReadUsage) {
    this.#read = read;
  }

  /** One look at all running tasks. */
  async look(tasks: readonly TaskRecord[]): Promise<void> {
    const running = tasks.filter((task) => task.containers.some(({ process }) => process?.running));
    const pids = running.flatMap((task) =>
      task.containers.flatMap(({ process }) => (process?.running ? process.pid : [])),
    );
    const usages = await this.#read(pids);
    const at = performance.now() / 1000;
    for (const task of running) this.#note(task, usages, at);
    for (const task of this.#seen.keys()) if (task.lastStatus === 'STOPPED') this.#seen.delete(task);
  }

  /** Between the two last looks. */
  usageOf(task: TaskRecord): TaskUsage | undefined {
    const seen = this.#seen.get(task);
    if (!seen) return undefined;
    return usage(task, seen.before, seen.last, seen.memoryBytes);
  }

  /** `AWS/ECS` CPUUtilization and MemoryUtilization of the minute that ends now: one sample a task, as on Fargate. */
  takeMinute(timestamp: Date): MetricPoint[] {
    const points: MetricPoint[] = [];
    for (const [task, seen] of this.#seen) {
      const { minuteBegan, last, memorySum, looks } = seen;
      Object.assign(seen, { minuteBegan: last, memorySum: 0, looks: 0 });
      if (!task.service || looks === 0 || last.at - minuteBegan.at < SHORTEST_WINDOW_SECONDS) continue;
      const { cpuPercent, memoryPercent } = usage(task, minuteBegan, last, memorySum / looks);
      const dimensions = { ClusterName: task.cluster.name, ServiceName: task.service.name };
      const common = { namespace: 'AWS/ECS', dimensions, unit: 'Percent', timestamp };
      points.push({ ...common, metricName: 'CPUUtilization', value: cpuPercent });
      points.push({ ...common, metricName: 'MemoryUtilization', value: memoryPercent });
    }
    return points;
  }

  #note(task: TaskRecord, usages: ReadonlyMap<number, Usage>, at: number): void {
    let memoryBytes = 0;
    let cpuSeconds = 0;
    for (const container of task.containers) {
      const used = container.process && usages.get(container.process.pid);
      if (!used) continue;
      memoryBytes += used.memoryBytes;
      cpuSeconds += used.cpuSeconds;
      if (used.memoryBytes > (container.definition.memory ?? Infinity) * MEBIBYTE) kill(container);
    }
    if (memoryBytes > memoryLimitMiB(task) * MEBIBYTE) killLargest(task, usages);
    const now: Window = { cpuSeconds, at };
    const seen = this.#seen.get(task) ?? {
      minuteBegan: now,
      before: now,
      last: now,
      memorySum: 0,
      looks: 0,
      memoryBytes,
    };
    this.#seen.set(task, seen);
    Object.assign(seen, { before: seen.last, last: now, memoryBytes });
    seen.memorySum += memoryBytes;
    seen.looks += 1;
  }
}

function usage(task: TaskRecord, from: Window, to: Window, memoryBytes: number): TaskUsage {
  const elapsed = to.at - from.at;
  const cores = elapsed > 0 ? Math.max(0, to.cpuSeconds - from.cpuSeconds) / elapsed : 0;
  const units = Number(task.overrides.cpu ?? task.definition.registered.cpu ?? DEFAULT_CPU_UNITS);
  return {
    cpuPercent: (100 * cores) / (units / CPU_UNITS_PER_CORE),
    memoryPercent: (100 * memoryBytes) / (memoryLimitMiB(task) * MEBIBYTE),
    memoryMiB: memoryBytes / MEBIBYTE,
  };
}

function memoryLimitMiB(task: TaskRecord): number {
  return Number(task.overrides.memory ?? task.definition.registered.memory ?? DEFAULT_MEMORY_MIB);
}

function kill(container: ContainerRecord): void {
  container.outOfMemory = true;
  container.process?.signal('SIGKILL');
}

/** The kernel would take the process that frees most. */
function killLargest(task: TaskRecord, usages: ReadonlyMap<number, Usage>): void {
  const size = ({ process }: ContainerRecord): number => (process && usages.get(process.pid)?.memoryBytes) ?? 0;
  const largest = task.containers.toSorted((a, b) => size(b) - size(a))[0];
  if (largest) kill(largest);
}

/** `ECS/ContainerInsights` task counts, for clusters that have Container Insights switched on, as on AWS. */
export function insightPoints(
  services: readonly ServiceRecord[],
  tasks: readonly TaskRecord[],
  timestamp: Date,
): MetricPoint[] {
  return services.flatMap((service) => {
    if (service.status === 'INACTIVE' || !hasInsights(service.cluster)) return [];
    const own = tasks.filter((task) => task.service === service && isLive(task));
    const running = own.filter((task) => task.lastStatus === 'RUNNING').length;
    const dimensions = { ClusterName: service.cluster.name, ServiceName: service.name };
    const common = { namespace: 'ECS/ContainerInsights', dimensions, unit: 'Count', timestamp };
    return [
      { ...common, metricName: 'RunningTaskCount', value: running },
      { ...common, metricName: 'PendingTaskCount', value: own.length - running },
      { ...common, metricName: 'DesiredTaskCount', value: service.desiredCount },
    ];
  });
}

function hasInsights(cluster: ClusterRecord): boolean {
  const setting = cluster.settings.find(({ name }) => name === 'containerInsights');
  return setting?.value === 'enabled' || setting?.value === 'enhanced';
}
