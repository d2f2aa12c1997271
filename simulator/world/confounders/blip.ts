import { between } from '../chance.ts';
import { defineConfounder } from '../fault.ts';
import { serviceNamed } from '../model/fleet.ts';
import { applyAll } from '../model/tasks.ts';
import { MISTAKES } from '../model/traits.ts';

export const confounder = defineConfounder({
  name: 'blip',
  summary:
    'Half a minute of failed requests that is over before anybody could do anything: an alarm may ring, nothing is wrong.',
  enter({ fleet, later }, target, random) {
    const service = serviceNamed(fleet, target);
    const before = service.data;
    service.data = { ...before, errors: between(random, 0.2, 0.4), mistake: MISTAKES.oddInput };
    applyAll(fleet, service);
    later(between(random, 20, 40), () => {
      service.data = before;
      applyAll(fleet, service);
    });
  },
});
