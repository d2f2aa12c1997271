import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, callersOf, FRESH_TASKS } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';

export const fault = defineFault({
  name: 'memory-leak',
  fault: 'memory-leak',
  summary:
    'Subscriptions that nobody ends fill the memory; a task that replaces one inherits them, a new deployment does not.',
  variants: ['subscriptions'],
  targets: allServices,
  enter({ fleet }, target, _variant, random) {
    const service = serviceNamed(fleet, target);
    return {
      resource: service.arn,
      fault: 'memory-leak',
      suffer: callersOf(fleet, target),
      heals: FRESH_TASKS,
      present: afflict(fleet, service, { leak: between(random, 0.3, 0.9) }),
    };
  },
});
