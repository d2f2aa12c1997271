import { defineConfounder } from '../fault.ts';
import { between } from '../chance.ts';
import { serviceNamed } from '../model/fleet.ts';

export const confounder = defineConfounder({
  name: 'traffic-rise',
  summary: 'More customers than usual for an hour, and not too many.',
  enter({ fleet }, target, random) {
    serviceNamed(fleet, target).surge = { factor: between(random, 1.15, 1.3), until: fleet.now + 3600_000 };
  },
});
