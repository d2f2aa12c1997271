import { minutes } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { callersOf, FRESH_TASKS } from '../faulty.ts';
import { isLive, runs, serviceNamed } from '../model/fleet.ts';
import { stop } from '../model/tasks.ts';
import { MISTAKES, type Traits } from '../model/traits.ts';

/** Where health checks count soon after a start, ECS replaces the task itself: nothing is left to heal. */
const GRACE = minutes(30);

export const fault = defineFault({
  name: 'bad-task',
  fault: 'bad-task',
  summary:
    'AWS retires a host; the replacement of its task comes to a bad one, and the grace period keeps ECS from seeing it.',
  variants: ['unhealthy', 'grey'],
  targets: (fleet) =>
    [...fleet.services.values()]
      .filter(({ spec }) => spec.grace >= GRACE && spec.consumes === undefined && spec.tasks > 1)
      .map(({ spec }) => spec.name),
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const traits: Record<typeof variant, Traits> = {
      unhealthy: { sick: true, errors: 0.9, mistake: MISTAKES.disk },
      grey: { errors: between(random, 0.4, 0.9), mistake: MISTAKES.disk },
    };
    const host = traits[variant];
    service.nextHost = host;
    const [retired] = service.tasks.filter(runs);
    if (retired) stop(fleet, service, retired, 'TerminationNotice', 'Your task host is being retired.');
    return {
      resource: service.arn,
      fault: 'bad-task',
      suffer: callersOf(fleet, target),
      heals: ['stop-bad-task', ...FRESH_TASKS],
      ...(variant === 'unhealthy' ? { passes: service.spec.grace } : {}),
      present: () => service.nextHost === host || service.tasks.some((task) => task.traits === host && isLive(task)),
    };
  },
});
