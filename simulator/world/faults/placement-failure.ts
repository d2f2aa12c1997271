import { hours } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, callersOf } from '../faulty.ts';
import { runs, serviceNamed, type Definition } from '../model/fleet.ts';
import { stop } from '../model/tasks.ts';

const IMAGE_GONE =
  'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/app: not found';
const NO_CAPACITY = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';

export const fault = defineFault({
  name: 'placement-failure',
  fault: 'placement-failure',
  summary:
    'AWS retires the hosts of a service, and the tasks cannot come back: their image is gone, or there is no capacity.',
  variants: ['image', 'capacity'],
  targets: allServices,
  enter({ fleet }, target, variant, random) {
    const service = serviceNamed(fleet, target);
    const passes = Math.round(between(random, hours(0.5), hours(2)));
    const until = fleet.now + passes * 1000;
    if (variant === 'capacity') service.placement = { reason: NO_CAPACITY, until };
    else loseImage(fleet.definitions, service.definition);
    for (const task of service.tasks.filter(runs))
      stop(fleet, service, task, 'TerminationNotice', 'Your task host is being retired.');
    const arn = service.definition;
    const isBefore = service.deployments.some(
      ({ outcome, definition }) => outcome === 'SUCCESSFUL' && definition !== arn,
    );
    return {
      resource: service.arn,
      fault: 'placement-failure',
      suffer: callersOf(fleet, target),
      heals: variant === 'image' && isBefore ? ['rollback-deployment'] : [],
      ...(variant === 'capacity' ? { passes } : {}),
      present: () => (variant === 'capacity' ? fleet.now < until : service.definition === arn),
    };
  },
});

/** Of this revision alone: an earlier one has another image. */
function loseImage(definitions: Map<string, Definition>, arn: string): void {
  const definition = definitions.get(arn)!;
  definitions.set(arn, { ...definition, unstartable: IMAGE_GONE });
}
