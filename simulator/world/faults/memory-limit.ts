import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, callersOf } from '../faulty.ts';
import { definitionOf, runs, serviceNamed } from '../model/fleet.ts';
import { applyAll, stop } from '../model/tasks.ts';

export const fault = defineFault({
  name: 'memory-limit',
  fault: 'memory-limit',
  summary: 'The data that a task loads at its start has outgrown the limit.',
  variants: ['reloaded', 'hosts retired'],
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const { memory: limit } = definitionOf(fleet, service.definition);
    const needed = limit * between(random, 1.04, 1.3);
    service.data = { ...service.data, memory: needed - 0.6 * service.spec.memoryInUse };
    applyAll(fleet, service);
    const running = service.tasks.filter(runs);
    // What runs now meets the data when it loads it again, or is replaced by tasks that do.
    if (variant === 'reloaded') for (const task of running) task.memory = needed;
    else
      for (const task of running) stop(fleet, service, task, 'TerminationNotice', 'Your task host is being retired.');
    const most = needed + 0.4 * service.spec.memoryInUse;
    return {
      resource: service.arn,
      fault: 'memory-limit',
      suffer: callersOf(fleet, target),
      heals: ['raise-memory'],
      present: () => definitionOf(fleet, service.definition).memory < most,
    };
  },
});
