import type { Arn } from '../../../layers/core/arn.ts';
import { hours, minutes } from '../../../layers/core/units.ts';
import { pick, type Random } from '../../../sandbox/load/random.ts';
import { between } from '../chance.ts';
import { defineFault } from '../fault.ts';
import { allServices, burden, callersOf } from '../faulty.ts';
import { serviceNamed, type Fleet } from '../model/fleet.ts';
import { issueOf, tellIssue, type Issue } from '../model/health.ts';
import { applyAll } from '../model/tasks.ts';
import { AWS_FAILS, HOST_FAILS, NO_NETWORK, QUEUE_FAILS, waiting } from '../model/traits.ts';

interface Hit extends Pick<Issue, 'service' | 'said'> {
  readonly arn: Arn;
  readonly suffer: readonly Arn[];
  readonly present: () => boolean;
  readonly over: () => void;
}

export const fault = defineFault({
  name: 'aws-outage',
  fault: 'external-outage',
  summary:
    'A service of AWS fails what runs on it or calls it: the network of tasks, the queue of a consumer, the hosts of a function. AWS Health tells of it minutes later, by name or of the service as a whole.',
  variants: ['named', 'service'],
  targets: (fleet) => [...allServices(fleet), ...fleet.functions.keys()],
  enter({ fleet, later }, target, variant, random) {
    const hit = fleet.functions.has(target)
      ? functionFails(fleet, target, random)
      : serviceFails(fleet, target, random);
    const passes = Math.round(between(random, hours(0.5), hours(3)));
    const { service, said, arn } = hit;
    const issue = issueOf(fleet, { service, said, from: fleet.now, affected: variant === 'named' ? [arn] : [] });
    let told = false;
    later(between(random, 0, minutes(8)), () => {
      told = true;
      tellIssue(fleet, issue);
    });
    later(passes, () => {
      hit.over();
      tellIssue(fleet, issue, fleet.now);
    });
    return {
      resource: arn,
      fault: 'external-outage',
      suffer: hit.suffer,
      heals: [],
      passes,
      // Before AWS tells of it, it is a failure of something that is called, and nobody can know of what.
      looksLike: () => (told ? [] : ['dependency-failure', 'unknown']),
      present: hit.present,
    };
  },
});

function serviceFails(fleet: Fleet, target: string, random: Random): Hit {
  const service = serviceNamed(fleet, target);
  const before = service.data;
  const queue = service.spec.consumes === undefined ? undefined : fleet.queues.get(service.spec.consumes);
  const present = burden(fleet, service, {
    errors: between(random, 0.3, 0.95),
    ...waiting(between(random, 1.5, 5)),
    mistake: queue ? QUEUE_FAILS : pick(random, [...NO_NETWORK, ...AWS_FAILS]),
  });
  const over = () => {
    if (!present()) return;
    service.data = before;
    applyAll(fleet, service);
  };
  const suffer = [...(queue ? [service.arn] : []), ...callersOf(fleet, target)];
  const about = queue
    ? { service: 'SQS', arn: queue.arn, said: 'We are investigating increased API error rates.' }
    : {
        service: pick(random, ['ECS', 'FARGATE']),
        arn: service.arn,
        said: 'We are investigating connectivity issues of tasks in a single Availability Zone.',
      };
  return { ...about, suffer, present, over };
}

function functionFails(fleet: Fleet, target: string, random: Random): Hit {
  const lambda = fleet.functions.get(target)!;
  const host = (lambda.host = { errors: between(random, 0.3, 0.95), mistake: pick(random, HOST_FAILS) });
  return {
    service: 'LAMBDA',
    arn: fleet.names.alias(target, lambda.spec.alias),
    said: 'We are investigating increased error rates of function invocations.',
    suffer: callersOf(fleet, target),
    present: () => lambda.host === host,
    over: () => {
      if (lambda.host === host) lambda.host = {};
    },
  };
}
