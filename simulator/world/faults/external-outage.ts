import { hours } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { callersOf } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';

export const fault = defineFault({
  name: 'external-outage',
  fault: 'dependency-failure',
  summary: 'A provider outside the account fails: nothing in the account heals it.',
  variants: ['provider fails'],
  targets: (fleet) =>
    [...fleet.services.values()]
      .filter(({ spec }) => spec.calls.some(({ to }) => fleet.externals.has(to)))
      .map(({ spec }) => spec.name),
  enter({ fleet, later }, target, _variant, random) {
    const service = serviceNamed(fleet, target);
    const provider = service.spec.calls.map(({ to }) => fleet.externals.get(to)).find((one) => one !== undefined)!;
    const passes = Math.round(between(random, hours(1), hours(3)));
    provider.down = true;
    later(passes, () => (provider.down = false));
    return {
      resource: service.arn,
      fault: 'dependency-failure',
      suffer: callersOf(fleet, target),
      heals: [],
      passes,
      present: () => provider.down,
    };
  },
});
