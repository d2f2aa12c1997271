import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, burden, callersOf } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { MISTAKES } from '../model/traits.ts';

export const fault = defineFault({
  name: 'data-corruption',
  fault: 'data-corruption',
  summary: 'Stored rows are broken: requests that read them fail, whatever is done to the tasks.',
  variants: ['broken rows'],
  targets: allServices,
  enter({ fleet }, target, _variant, random) {
    const service = serviceNamed(fleet, target);
    return {
      resource: service.arn,
      fault: 'data-corruption',
      suffer: callersOf(fleet, target),
      heals: [],
      present: burden(fleet, service, { errors: between(random, 0.2, 0.5), mistake: MISTAKES.badRow }),
    };
  },
});
