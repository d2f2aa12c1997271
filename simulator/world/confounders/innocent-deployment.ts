import { defineConfounder } from '../fault.ts';
import { serviceNamed } from '../model/fleet.ts';
import { innocentRelease } from '../model/people.ts';

export const confounder = defineConfounder({
  name: 'innocent-deployment',
  summary: 'A pipeline deploys a revision that changes nothing that matters.',
  enter: ({ fleet }, target) => innocentRelease(fleet, serviceNamed(fleet, target)),
});
