import { hours, type Ratio } from '../../../layers/core/units.ts';
import { pick } from '../../../sandbox/load/random.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { calleesOf, callersOf } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { demand, limit, season } from '../model/traffic.ts';
import { NO_CONNECTION } from '../model/traits.ts';

/** How much more than what its tasks can serve. */
const OVER = [1.12, 1.32] as const;

/** So near to its limit noise alone makes the owners’ alarm on the processor ring. */
const COMFORT = 0.8;
/** From here on its customers wait. */
const FULL = 0.9;

export const fault = defineFault({
  name: 'overload',
  fault: 'overload',
  summary:
    'A sale: more of the own customers than the tasks can serve, for hours. They are turned away, or wait in vain for a connection of the pool.',
  variants: ['sale', 'sale at the pool'],
  targets: (fleet) => [...fleet.services.values()].filter(({ spec }) => spec.rate > 0).map(({ spec }) => spec.name),
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    if (variant === 'sale at the pool') service.noRoom = pick(random, NO_CONNECTION);
    const { spec, desired } = service;
    const own = spec.rate * season(fleet.now);
    const called = demand(fleet, { ...service, surge: { factor: 1, until: 0 } }) - own;
    const wanted = spec.capacity * desired * between(random, ...OVER);
    const until = fleet.now + Math.round(between(random, hours(2), hours(4))) * 1000;
    service.surge = { factor: Math.max(1.5, (wanted - called) / own), until };
    // What is let through by more tasks comes to what they call: the sale is too much for these, too.
    const reached = calleesOf(fleet, target);
    const borne = [service, ...fleet.order.filter(({ arn }) => reached.includes(arn))];
    const isOver = (share: Ratio) => fleet.now < until && borne.some((one) => demand(fleet, one) > share * limit(one));
    return {
      resource: service.arn,
      fault: 'overload',
      suffer: callersOf(fleet, target),
      reaches: reached,
      heals: ['scale-out'],
      passes: (until - fleet.now) / 1000,
      present: () => isOver(COMFORT),
      felt: () => isOver(FULL),
    };
  },
});
