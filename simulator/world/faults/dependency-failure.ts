import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, callersOf, FRESH_TASKS, servicesBehindBalancers } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { MISTAKES } from '../model/traits.ts';

export const fault = defineFault({
  name: 'dependency-failure',
  fault: 'dependency-failure',
  summary: 'A service that others call fails; its callers fail with it, and nothing done to them helps.',
  variants: ['callee fails'],
  targets: (fleet) => servicesBehindBalancers(fleet).filter((name) => callersOf(fleet, name).length > 0),
  enter({ fleet }, target, _variant, random) {
    const service = serviceNamed(fleet, target);
    const traits = { errors: between(random, 0.6, 0.95), mistake: MISTAKES.staleConnection };
    return {
      resource: service.arn,
      fault: 'stale-connection',
      suffer: callersOf(fleet, target),
      heals: FRESH_TASKS,
      present: afflict(fleet, service, traits),
    };
  },
});
