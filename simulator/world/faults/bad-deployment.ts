import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, callersOf } from '../faulty.ts';
import { definitionOf, isLive, serviceNamed } from '../model/fleet.ts';
import { actors, nextVersion } from '../model/people.ts';
import { MISTAKES, type Traits } from '../model/traits.ts';
import { release } from '../model/writes.ts';

export const fault = defineFault({
  name: 'bad-deployment',
  fault: 'bad-deployment',
  summary: 'A pipeline deploys a revision that fails requests, is slow, ends by itself, or leaks memory.',
  variants: ['errors', 'slow', 'crash', 'leak'],
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    // A consumer has time to spare: only what is much slower is felt.
    const slower = service.spec.consumes ? 3 : 1;
    const traits: Record<typeof variant, Traits> = {
      errors: { errors: between(random, 0.25, 0.6), mistake: MISTAKES.newCode },
      slow: { latency: slower * between(random, 3.5, 6) },
      crash: { crashAfter: between(random, 5, 40), mistake: MISTAKES.newCode, errors: 0.02 },
      leak: { leak: between(random, 0.5, 1) },
    };
    const { version } = definitionOf(fleet, service.definition);
    const bad = release(
      fleet,
      service,
      { version: nextVersion(version), traits: traits[variant] },
      actors(fleet).pipeline,
    );
    return {
      resource: service.arn,
      fault: 'bad-deployment',
      suffer: callersOf(fleet, target),
      heals: ['rollback-deployment'],
      present: () =>
        service.definition === bad.arn || service.tasks.some((task) => isLive(task) && task.definition === bad.arn),
    };
  },
});
