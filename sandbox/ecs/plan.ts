/** What the scheduler knows of one live task when it plans. */
export interface PlannedTask {
  readonly id: string;
  /** Whether it belongs to the primary deployment. */
  readonly primary: boolean;
  /** RUNNING, and found healthy by every check it has. */
  readonly healthy: boolean;
  /** Found unhealthy after its grace period. */
  readonly condemned: boolean;
}

export interface Bounds {
  readonly desired: number;
  /** Percent of `desired` that must stay healthy; rounded up. */
  readonly minimumHealthyPercent: number;
  /** Percent of `desired` that may be started at once; rounded down. */
  readonly maximumPercent: number;
  /** Whether the primary deployment may start tasks: not while it backs off or has failed. */
  readonly mayStart: boolean;
}

export interface Plan {
  readonly start: number;
  readonly stop: readonly string[];
}

/**
 * What to start and stop now, so that the service comes to `desired` tasks of the primary deployment: never more than the
 * upper limit, never fewer healthy ones than the lower. Unhealthy tasks are replaced before they are stopped when there is
 * room, else stopped first (Amazon ECS Developer Guide, "Service definition parameters", and the reference of
 * DeploymentConfiguration).
 */
export function plan(tasks: readonly PlannedTask[], bounds: Bounds): Plan {
  const { desired } = bounds;
  const lower = Math.ceil((desired * bounds.minimumHealthyPercent) / 100);
  const upper = Math.max(desired, Math.floor((desired * bounds.maximumPercent) / 100));
  const good = tasks.filter((task) => task.primary && !task.condemned);
  const old = tasks.filter((task) => !task.primary);
  const condemned = tasks.filter((task) => task.primary && task.condemned);
  const missing = Math.max(0, desired - good.length);
  const start = bounds.mayStart ? Math.max(0, Math.min(missing, upper - tasks.length)) : 0;
  const stop: string[] = [];

  const surplus = good.length - desired;
  if (surplus > 0)
    stop.push(
      ...leastUsefulFirst(good)
        .slice(0, surplus)
        .map((task) => task.id),
    );

  const healthyGood = good.filter((task) => task.healthy).length;
  const replaced = healthyGood >= desired;
  const noRoom = missing > 0 && tasks.length >= upper;
  const condemnedNow = replaced || desired === 0 ? condemned : noRoom ? condemned.slice(0, 1) : [];
  stop.push(...condemnedNow.map((task) => task.id));

  stop.push(...oldToStop(old, { lower, desired, healthyGood, crowded: noRoom && condemnedNow.length === 0 }));
  return { start, stop };
}

interface OldBounds {
  readonly lower: number;
  readonly desired: number;
  readonly healthyGood: number;
  /** Whether new tasks wait for old ones to make room. */
  readonly crowded: boolean;
}

/** Old tasks that do not serve go at once; the others as new ones take over, or to make room, down to the lower limit. */
function oldToStop(old: readonly PlannedTask[], { lower, desired, healthyGood, crowded }: OldBounds): string[] {
  const idle = old.filter((task) => !task.healthy);
  const serving = old.filter((task) => task.healthy);
  const spare = Math.max(0, serving.length + healthyGood - lower);
  const overtaken = Math.max(0, serving.length - Math.max(0, desired - healthyGood));
  const count = crowded && idle.length === 0 ? spare : Math.min(spare, overtaken);
  return [...idle, ...serving.slice(0, count)].map((task) => task.id);
}

function leastUsefulFirst(tasks: readonly PlannedTask[]): PlannedTask[] {
  // The newest go first among equals: they are last in the list.
  return tasks.toReversed().sort((a, b) => Number(a.healthy) - Number(b.healthy));
}
