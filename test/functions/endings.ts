import type { Ending } from '../../layers/core/incident.ts';
import type { MutationState } from '../../layers/core/mutation.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { ARNS } from '../support/fake-account.ts';
import { hold, NOW, tryAction } from './steps.ts';

export const healed: Ending = { kind: 'recovered', by: 'action', action: 'rollback-deployment', why: 'good again' };

/** What Verify or Decide leaves behind for the states that end an incident. */
export const ends = (incidentId: string, ending: Ending) => kb.incidents.update(incidentId, { ending, seenSignals: 1 });

/** Attempt 1 with one mutation, judged. */
export async function tried(
  incidentId: string,
  judged: Attempt['judged'],
  { action = 'rollback-deployment', state = 'applied' as MutationState } = {},
): Promise<void> {
  const params =
    action === 'scale-out'
      ? { service: ARNS.service, field: 'desiredCount', to: 6 }
      : { service: ARNS.service, from: ARNS.revision(7), to: ARNS.revision(6) };
  await tryAction(incidentId, action, params);
  await hold(incidentId);
  const mutation = {
    resource: ARNS.service,
    field: 'taskDefinition',
    was: ARNS.revision(7),
    becomes: ARNS.revision(6),
    action,
    state: 'intended' as const,
    at: NOW,
  };
  await kb.incidents.setMutations(incidentId, 1, [mutation]);
  if (state !== 'intended') await kb.incidents.setMutationState(incidentId, 1, 0, 'applied', NOW);
  if (state !== 'intended' && state !== 'applied') await kb.incidents.setMutationState(incidentId, 1, 0, state, NOW);
  await kb.incidents.updateAttempt(incidentId, 1, {
    leased: [ARNS.service],
    appliedAt: NOW,
    ...(judged ? { judged } : {}),
  });
}
