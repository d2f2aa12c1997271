import { hours } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { callersOf } from '../faulty.ts';
import { TICK } from '../spec.ts';

export const fault = defineFault({
  name: 'function-throttling',
  fault: 'throttling',
  summary: "Other functions use up the account's concurrency: AWS refuses calls of this one, which counts as no error.",
  variants: ['concurrency'],
  targets: (fleet) => [...fleet.functions.keys()],
  enter({ fleet, later }, target, _variant, random) {
    const lambda = fleet.functions.get(target)!;
    const asked = Math.max(0.2, lambda.asked / TICK);
    const passes = Math.round(between(random, hours(0.5), hours(2)));
    const most = (lambda.most = asked * between(random, 0.1, 0.7));
    later(passes, () => {
      if (lambda.most === most) delete lambda.most;
    });
    return {
      resource: fleet.names.alias(target, lambda.spec.alias),
      fault: 'throttling',
      suffer: callersOf(fleet, target),
      heals: [],
      passes,
      present: () => lambda.most === most,
    };
  },
});
