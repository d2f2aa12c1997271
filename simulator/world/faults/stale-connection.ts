import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, callersOf, FRESH_TASKS } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { MISTAKES } from '../model/traits.ts';

export const fault = defineFault({
  name: 'stale-connection',
  fault: 'stale-connection',
  summary:
    'Tasks hold connections or credentials that no longer work, and hand them to those that replace one of them.',
  variants: ['staleConnection', 'expired'],
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const traits = { errors: between(random, 0.25, 0.8), mistake: MISTAKES[variant] };
    return {
      resource: service.arn,
      fault: 'stale-connection',
      suffer: callersOf(fleet, target),
      heals: FRESH_TASKS,
      present: afflict(fleet, service, traits),
    };
  },
});
