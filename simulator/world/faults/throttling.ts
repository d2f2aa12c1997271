import { hours } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, callersOf } from '../faulty.ts';
import { serviceNamed } from '../model/fleet.ts';
import { refusal } from '../model/quota.ts';
import { demand, limit } from '../model/traffic.ts';
import { TICK } from '../spec.ts';

/** How near to what its tasks can serve its own growth brings it: these bear it. */
const BORNE = 0.85;

export const fault = defineFault({
  name: 'throttling',
  fault: 'throttling',
  summary:
    'An API of AWS that each request calls refuses what exceeds its quota: another program of the account uses that up, or more customers come than the quota bears, though the tasks would.',
  variants: ['neighbour', 'growth'],
  targets: allServices,
  enter({ fleet, later }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const asked = service.spec.consumes ? service.served.arrived / TICK : demand(fleet, service);
    const passes = Math.round(between(random, hours(0.5), hours(2)));
    const until = fleet.now + passes * 1000;
    const more = Math.max(1.2, Math.min(between(random, 1.4, 2.2), (BORNE * limit(service)) / asked));
    const grows = variant === 'growth' && service.spec.rate > 0;
    if (grows) service.surge = { factor: more, until };
    const rate = asked * (grows ? between(random, 0.75, 1) : between(random, 0.25, 0.75));
    const quota = (service.quota = { rate, mistake: refusal(random), retries: between(random, 0.2, 1.5) });
    later(passes, () => {
      if (service.quota === quota) delete service.quota;
    });
    return {
      resource: service.arn,
      fault: 'throttling',
      suffer: callersOf(fleet, target),
      heals: [],
      passes,
      present: () => service.quota === quota,
    };
  },
});
