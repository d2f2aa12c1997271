import { defineConfounder } from '../fault.ts';
import { serviceNamed } from '../model/fleet.ts';
import { stopOne } from '../model/people.ts';

export const confounder = defineConfounder({
  name: 'task-stop',
  summary: 'A person stops a task; the service replaces it.',
  enter: ({ fleet }, target) => stopOne(fleet, serviceNamed(fleet, target)),
});
