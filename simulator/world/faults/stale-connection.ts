import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, burden, callersOf, FRESH_TASKS } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { MISTAKES } from '../model/traits.ts';

export const fault = defineFault({
  name: 'stale-connection',
  fault: 'stale-connection',
  summary:
    'Connections or credentials no longer work: those that tasks hold and hand to whoever replaces one of them, or those that the other end gives out, to fresh tasks as well.',
  variants: ['connection', 'expired', 'other end'],
  habitual: true,
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const mistake = variant === 'expired' ? MISTAKES.expired : MISTAKES.staleConnection;
    const traits = { errors: between(random, 0.25, 0.8), mistake };
    const isTheirs = variant === 'other end';
    return {
      resource: service.arn,
      fault: 'stale-connection',
      suffer: callersOf(fleet, target),
      heals: isTheirs ? [] : FRESH_TASKS,
      present: isTheirs ? burden(fleet, service, traits) : afflict(fleet, service, traits),
    };
  },
});
