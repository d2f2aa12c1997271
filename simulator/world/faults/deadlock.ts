import { defineFault } from '../fault.ts';
import { afflict, burden, callersOf, FRESH_TASKS, servicesBehindBalancers } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';

export const fault = defineFault({
  name: 'deadlock',
  fault: 'deadlock',
  summary:
    'Every task waits for a lock, and nothing is answered, health checks neither: one of them holds it, or somebody outside does.',
  variants: ['shared lock', 'lock outside'],
  habitual: true,
  targets: servicesBehindBalancers,
  enter({ fleet }, target, variant) {
    const service = serviceNamed(fleet, target);
    const isOutside = variant === 'lock outside';
    return {
      resource: service.arn,
      fault: 'deadlock',
      suffer: callersOf(fleet, target),
      heals: isOutside ? [] : FRESH_TASKS,
      present: isOutside ? burden(fleet, service, { hangs: true }) : afflict(fleet, service, { hangs: true }),
    };
  },
});
