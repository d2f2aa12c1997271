import { hours } from '../../../layers/core/units.ts';
import { pick } from '../../../sandbox/load/random.ts';
import { between } from '../chance.ts';
import { defineConfounder } from '../fault.ts';
import { issueOf, tellIssue } from '../model/health.ts';

const SAID = 'We are investigating delays of control plane operations. Running workloads are not affected.';

export const confounder = defineConfounder({
  name: 'aws-notice',
  summary: 'AWS Health tells of an issue of a service in the Region, from which nothing here suffers.',
  enter({ fleet, later }, _target, random) {
    const service = pick(random, ['ECS', 'FARGATE', 'LAMBDA', 'SQS', 'SSM', 'ELASTICLOADBALANCING']);
    const from = fleet.now - Math.round(between(random, 0, hours(8))) * 1000;
    const issue = issueOf(fleet, { service, said: SAID, from, affected: [] });
    tellIssue(fleet, issue);
    later(between(random, hours(1), hours(3)), () => tellIssue(fleet, issue, fleet.now));
  },
});
