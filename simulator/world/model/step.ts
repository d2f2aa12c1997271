import { TICK } from '../spec.ts';
import { autoscale } from './autoscale.ts';
import type { Fleet } from './fleet.ts';
import { samples } from './measure.ts';
import { checkHealth, schedule } from './scheduler.ts';
import { stepTasks } from './tasks.ts';
import { serve } from './traffic.ts';
import { consume, invoke, receive } from './work.ts';

const TEN_MINUTES = 600;

/** One step of the whole account: tasks live, the scheduler reacts, requests are served, metrics are published. */
export function step(fleet: Fleet): void {
  fleet.now += TICK * 1000;
  for (const service of fleet.order) {
    stepTasks(fleet, service);
    checkHealth(service);
    schedule(fleet, service);
    autoscale(fleet, service);
  }
  for (const lambda of fleet.functions.values()) invoke(fleet, lambda);
  for (const queue of fleet.queues.values()) receive(fleet, queue);
  for (const service of fleet.order) {
    if (service.spec.consumes === undefined) serve(fleet, service);
    else consume(fleet, service);
  }
  samples(fleet).flush(fleet);
  if ((fleet.now / 1000) % TEN_MINUTES !== 0) return;
  fleet.metrics.forget(fleet.now / 1000);
  fleet.logs.forget(fleet.now);
}
