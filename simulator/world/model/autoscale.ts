import type { Milliseconds } from '../../../layers/core/units.ts';
import type { Fleet, Service } from './fleet.ts';
import { CPU_WHEN_BUSY, CPU_WHEN_IDLE } from './measure.ts';
import { setDesired } from './rollout.ts';

/** Between two steps of target tracking. */
const COOLDOWN: Milliseconds = 180_000;

/** Application Auto Scaling: keeps the count within its limits, and where it tracks a target, the processor near it. */
export function autoscale(fleet: Fleet, service: Service): void {
  const limits = service.scalable;
  if (!limits) return;
  if (service.desired < limits.min) return setDesired(fleet, service, limits.min);
  if (service.desired > limits.max) return setDesired(fleet, service, limits.max);
  if (limits.cpu === undefined || fleet.now - service.scaledAt < COOLDOWN) return;
  const cpu = CPU_WHEN_IDLE + CPU_WHEN_BUSY * Math.min(1, service.served.busy);
  const wanted = Math.ceil((service.desired * cpu) / limits.cpu);
  const out = cpu > limits.cpu * 1.1 ? Math.min(limits.max, wanted) : service.desired;
  const desired = cpu < limits.cpu * 0.6 ? Math.max(limits.min, service.desired - 1) : out;
  if (desired === service.desired) return;
  service.scaledAt = fleet.now;
  setDesired(fleet, service, desired);
}
