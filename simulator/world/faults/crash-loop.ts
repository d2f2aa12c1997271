import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, callersOf, FRESH_TASKS, turn } from '../faulty.ts';
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
    'Every task ends soon after it has read a state: one that the tasks of a deployment share, so that fresh ones begin with their own; or one that the running program cannot read any more, and the one before it can.',
  variants: ['shared state', 'program'],
  habitual: true,
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const traits = { crashAfter: between(random, 12, 50), mistake: LOCK };
    const isProgram = variant === 'program';
    return {
      resource: service.arn,
      fault: 'crash-loop',
      suffer: callersOf(fleet, target),
      heals: isProgram ? ['rollback-deployment'] : FRESH_TASKS,
      present: isProgram ? turn(fleet, service, traits) : afflict(fleet, service, traits),
    };
  },
});
