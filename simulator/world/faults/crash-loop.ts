import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, callersOf, FRESH_TASKS } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import type { Mistake } from '../model/traits.ts';

const LOCK: Mistake = {
  message: 'unhandled',
  name: 'StateError',
  text: 'snapshot # in the shared volume is truncated',
  status: 500,
};

export const fault = defineFault({
  name: 'crash-loop',
  fault: 'crash-loop',
  summary:
    "Every task ends soon after it has read the state that the deployment's tasks share; a new deployment begins with its own.",
  variants: ['shared state'],
  targets: allServices,
  enter({ fleet }, target, _variant, random) {
    const service = serviceNamed(fleet, target);
    return {
      resource: service.arn,
      fault: 'crash-loop',
      suffer: callersOf(fleet, target),
      heals: FRESH_TASKS,
      present: afflict(fleet, service, { crashAfter: between(random, 12, 50), mistake: LOCK }),
    };
  },
});
