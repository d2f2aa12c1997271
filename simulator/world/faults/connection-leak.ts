import { minutes } from '../../../layers/core/units.ts';
import { pick } from '../../../sandbox/load/random.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, callersOf, FRESH_TASKS } from '../faulty.ts';
import { leavingIn } from '../model/connections.ts';
import { serviceNamed } from '../model/fleet.ts';
import { NO_CONNECTION, NO_DESCRIPTOR, waiting, type Traits } from '../model/traits.ts';

export const fault = defineFault({
  name: 'connection-leak',
  fault: 'connection-leak',
  summary:
    'Since the other end hung up once, the tasks that run leave a connection open after some requests, until none is left: then requests wait for one in vain, or the process can open nothing any more, not even for a health check.',
  variants: ['pool', 'descriptors'],
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const without: Record<typeof variant, Traits> = {
      pool: {
        errors: between(random, 0.5, 0.95),
        ...waiting(between(random, 3, 12)),
        mistake: pick(random, NO_CONNECTION),
      },
      descriptors: { errors: between(random, 0.7, 1), sick: true, mistake: pick(random, NO_DESCRIPTOR) },
    };
    const leaves = leavingIn(service, between(random, minutes(3), minutes(12)));
    const each = between(random, 0, 0.8);
    return {
      resource: service.arn,
      fault: 'connection-leak',
      suffer: callersOf(fleet, target),
      heals: FRESH_TASKS,
      present: afflict(fleet, service, { leaves, each, without: without[variant] }),
    };
  },
});
