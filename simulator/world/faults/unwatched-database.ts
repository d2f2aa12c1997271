import { hours } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, burdenUntil } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { callFailed, unreachable } from '../model/traits.ts';

export const fault = defineFault({
  name: 'unwatched-database',
  fault: 'dependency-failure',
  summary:
    'What every service stores in, and nobody watches, cannot be reached: nothing that is done to a service heals it.',
  variants: ['refused', 'name lost', 'answers 503'],
  targets: allServices,
  enter({ fleet, later }, target, variant, random) {
    const mistakes: Record<typeof variant, ReturnType<typeof unreachable>> = {
      refused: unreachable('connect ECONNREFUSED ledger.shop.internal:5432'),
      'name lost': unreachable('getaddrinfo ENOTFOUND ledger.shop.internal'),
      'answers 503': callFailed('ledger', 'answered 503'),
    };
    const passes = Math.round(between(random, hours(0.5), hours(2)));
    const traits = { errors: between(random, 0.7, 0.97), mistake: mistakes[variant] };
    const services = [...fleet.services.values()];
    const ends = services.map((service) => burdenUntil(fleet, service, traits));
    let over = false;
    later(passes, () => {
      over = true;
      for (const end of ends) end();
    });
    const { arn } = serviceNamed(fleet, target);
    return {
      resource: arn,
      fault: 'dependency-failure',
      suffer: [],
      reaches: services.map((service) => service.arn).filter((one) => one !== arn),
      heals: [],
      passes,
      present: () => !over,
    };
  },
});
