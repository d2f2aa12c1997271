import { hours, minutes } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { calleesOf, callersOf } from '../faulty.ts';
import { runs, serviceNamed } from '../model/fleet.ts';
import { TICK } from '../spec.ts';

/** How much more than what its tasks can serve. */
const OVER = [1.12, 1.32] as const;

export const fault = defineFault({
  name: 'overload',
  fault: 'overload',
  summary: 'A sale: more of the own customers than the tasks can serve, for hours.',
  variants: ['sale'],
  targets: (fleet) => [...fleet.services.values()].filter(({ spec }) => spec.rate > 0).map(({ spec }) => spec.name),
  enter({ fleet }, target, _variant, random) {
    const service = serviceNamed(fleet, target);
    const { spec, served, desired } = service;
    const now = Math.max(1, served.arrived / TICK);
    const own = Math.min(now, spec.rate);
    const wanted = spec.capacity * desired * between(random, ...OVER);
    const until = fleet.now + Math.round(between(random, hours(2), hours(4))) * 1000;
    service.surge = { factor: Math.max(1.5, (wanted - (now - own)) / own), until };
    const canServe = () => spec.capacity * service.tasks.filter(runs).length;
    return {
      resource: service.arn,
      fault: 'overload',
      suffer: callersOf(fleet, target),
      reaches: calleesOf(fleet, target),
      heals: ['scale-out'],
      passes: Math.max(minutes(1), (until - fleet.now) / 1000),
      present: () => fleet.now < until && wanted > canServe(),
    };
  },
});
