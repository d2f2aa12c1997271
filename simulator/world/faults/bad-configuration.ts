import { pick } from '../../../sandbox/load/random.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { callersOf } from '../faulty.ts';
import { runs, serviceNamed } from '../model/fleet.ts';
import { actors } from '../model/people.ts';
import { MISTAKES, NO_NETWORK, noAnswer, waiting, type Traits } from '../model/traits.ts';
import { putParameter, updateService } from '../model/writes.ts';

const POISON = 'abc';

export const fault = defineFault({
  name: 'bad-configuration',
  fault: 'bad-configuration',
  summary: 'A person writes a parameter that the program cannot use, and starts fresh tasks to let them read it.',
  variants: ['errors', 'crash', 'impatient', 'address'],
  targets: (fleet) =>
    [...fleet.services.values()].filter(({ spec }) => spec.parameters.length > 0).map(({ spec }) => spec.name),
  enter({ fleet, later }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const parameter = fleet.parameters.get(pick(random, service.spec.parameters).name)!;
    const [called] = service.spec.calls;
    const errors = { errors: between(random, 0.3, 0.9), mistake: MISTAKES.settings };
    const effect: Record<typeof variant, Traits> = {
      errors,
      // It waits no longer for what it calls, which is well.
      impatient: called ? { errors: between(random, 0.6, 1), mistake: noAnswer(called.to, 5) } : errors,
      // It calls something where nothing answers.
      address: {
        errors: between(random, 0.4, 1),
        ...waiting(between(random, 1, 4)),
        mistake: pick(random, NO_NETWORK),
      },
      crash: { crashAfter: 10, mistake: MISTAKES.settings, errors: 0.5 },
    };
    parameter.effects.set(POISON, effect[variant]);
    const { owner } = actors(fleet);
    const poisoned = putParameter(fleet, parameter, POISON, owner);
    later(between(random, 10, 60), () => updateService(fleet, service, { force: true }, owner));
    const reads = () => service.tasks.some((task) => runs(task) && task.read[parameter.name] === poisoned);
    return {
      resource: service.arn,
      fault: 'bad-configuration',
      suffer: callersOf(fleet, target),
      heals: ['restore-parameter'],
      present: () => parameter.versions.at(-1)?.value === POISON || reads(),
    };
  },
});
