import { defineFault } from '../fault.ts';
import { afflict, callersOf, FRESH_TASKS, servicesBehindBalancers } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';

export const fault = defineFault({
  name: 'deadlock',
  fault: 'deadlock',
  summary: 'Every task waits for a lock that one of them holds: nothing is answered, health checks neither.',
  variants: ['shared lock'],
  targets: servicesBehindBalancers,
  enter({ fleet }, target) {
    const service = serviceNamed(fleet, target);
    return {
      resource: service.arn,
      fault: 'deadlock',
      suffer: callersOf(fleet, target),
      heals: FRESH_TASKS,
      present: afflict(fleet, service, { hangs: true }),
    };
  },
});
