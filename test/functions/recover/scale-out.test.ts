import { expect, test } from 'vitest';
import { action } from '../../../functions/recover/actions/scale-out.ts';
import type { Hypothesis } from '../../../layers/core/diagnosis.ts';
import { evidenceOf, resourceOf, service, SERVICE } from '../evidence.ts';

const hypothesis: Hypothesis = { resource: SERVICE, fault: 'overload', confidence: 1, because: ['a test says so'] };
const propose = (desired: number, max?: number) => {
  const resource = resourceOf(max === undefined ? {} : { scalableTarget: { min: 1, max } });
  return action.propose({ hypothesis, resource, evidence: evidenceOf({ services: [service({ desired })] }) });
};

test.each([
  [1, 3],
  [2, 4],
  [4, 7],
  [10, 16],
])('gives a service of %i tasks %i', (desired, to) => {
  expect(propose(desired)).toEqual({ service: SERVICE, field: 'desiredCount', to });
});

test('raises the minimum of an autoscaler, as far as that goes', () => {
  expect(propose(2, 8)).toEqual({ service: SERVICE, field: 'minCapacity', to: 4 });
  expect(propose(2, 3)).toEqual({ service: SERVICE, field: 'minCapacity', to: 3 });
  expect(propose(3, 3)).toEqual({ unfit: 'its autoscaler allows 3 tasks at most, and it has 3' });
});
