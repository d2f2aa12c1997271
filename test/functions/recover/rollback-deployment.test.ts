import { expect, test } from 'vitest';
import type { Hypothesis } from '../../../layers/core/diagnosis.ts';
import { action } from '../../../functions/recover/actions/rollback-deployment.ts';
import { deployment, evidenceOf, resourceOf, revision, SERVICE } from '../evidence.ts';

const hypothesis: Hypothesis = {
  resource: SERVICE,
  fault: 'bad-deployment',
  confidence: 1,
  because: ['a test says so'],
};
const propose = (changes: readonly object[]) =>
  action.propose({ hypothesis, resource: resourceOf(), evidence: evidenceOf({ changes }) });

test('goes back to the revision before that was steady', () => {
  expect(propose([deployment(-60)])).toEqual({ service: SERVICE, from: revision(7), to: revision(6) });
});

test('does not go back over what Prunella itself deployed to heal', () => {
  const ours = { ...deployment(-60), incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' };

  expect(propose([ours])).toEqual({ unfit: expect.stringContaining('Prunella itself') });
});

test('takes a restart by Prunella for no deployment of its own', () => {
  const restart = { ...deployment(-60, 7, 7), incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' };

  expect(propose([restart])).toMatchObject({ to: revision(6) });
});
