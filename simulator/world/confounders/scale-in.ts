import { defineConfounder } from '../fault.ts';
import { serviceNamed } from '../model/fleet.ts';
import { actors } from '../model/people.ts';
import { updateService } from '../model/writes.ts';

export const confounder = defineConfounder({
  name: 'scale-in',
  summary: 'A person adds a task, and takes it away ten minutes later.',
  enter({ fleet, later }, target) {
    const service = serviceNamed(fleet, target);
    const { desired } = service;
    updateService(fleet, service, { desired: desired + 1 }, actors(fleet).owner);
    later(600, () => {
      if (service.desired === desired + 1) updateService(fleet, service, { desired }, actors(fleet).owner);
    });
  },
});
