import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { afflict, allServices, burden, callersOf, FRESH_TASKS, turn } from '../faulty.ts';
import { definitionOf, serviceNamed } from '../model/fleet.ts';

export const fault = defineFault({
  name: 'memory-leak',
  fault: 'memory-leak',
  summary:
    'Memory fills while tasks run: by what they hand to those that replace one of them, but not to a new deployment; by what the running program never frees, and the one before it does; or by a cache that needs more than the limit, and no more than twice that.',
  variants: ['subscriptions', 'program', 'cache'],
  habitual: true,
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const { memory: limit } = definitionOf(fleet, service.definition);
    const [leak, fills] = [between(random, 0.3, 0.9), limit * between(random, 1.1, 1.4)];
    const about = { resource: service.arn, fault: 'memory-leak', suffer: callersOf(fleet, target) } as const;
    switch (variant) {
      case 'subscriptions':
        return { ...about, heals: FRESH_TASKS, present: afflict(fleet, service, { leak }) };
      case 'program':
        return { ...about, heals: ['rollback-deployment'], present: turn(fleet, service, { leak }) };
      case 'cache':
        burden(fleet, service, { leak, fills });
        return {
          ...about,
          heals: ['raise-memory'],
          present: () => definitionOf(fleet, service.definition).memory < fills,
        };
    }
  },
});
