import { defineConfounder } from '../fault.ts';
import { serviceNamed } from '../model/fleet.ts';
import { harmlessWrite } from '../model/people.ts';

export const confounder = defineConfounder({
  name: 'parameter-write',
  summary: 'A person writes a parameter, with a value that is as good.',
  enter: ({ fleet }, target) => harmlessWrite(fleet, serviceNamed(fleet, target)),
});
