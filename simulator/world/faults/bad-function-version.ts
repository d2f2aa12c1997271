import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { callersOf } from '../faulty.ts';
import { actors } from '../model/people.ts';
import { MISTAKES } from '../model/traits.ts';
import { publishVersion, updateAlias } from '../model/writes.ts';

export const fault = defineFault({
  name: 'bad-function-version',
  fault: 'bad-function-version',
  summary: 'A pipeline publishes a version of a function that fails, and points the alias to it.',
  variants: ['errors'],
  targets: (fleet) => [...fleet.functions.keys()],
  enter({ fleet }, target, _variant, random) {
    const lambda = fleet.functions.get(target)!;
    const { pipeline } = actors(fleet);
    const traits = { errors: between(random, 0.2, 0.8), mistake: MISTAKES.newCode };
    const bad = publishVersion(fleet, lambda, traits, pipeline);
    updateAlias(fleet, lambda, { version: bad }, pipeline);
    return {
      resource: fleet.names.alias(target, lambda.spec.alias),
      fault: 'bad-function-version',
      suffer: callersOf(fleet, target),
      heals: ['rollback-alias'],
      present: () => lambda.alias.version === bad || bad in lambda.alias.weights,
    };
  },
});
