import { toldMutations } from '../../layers/core/story.ts';
import { step } from '../../layers/runtime/step.ts';
import { undoAttempt } from './undo.ts';

export const handler = step('Rollback', async ({ attempt: number, because }, { incident, kb, now, deadline }) => {
  const { incidentId } = incident;
  const attempt = (await kb.incidents.attempts(incidentId)).find(({ attempt: n }) => n === number);
  if (!attempt)
    return { verdict: 'nothing', because, why: ['no attempt was made, so that there is nothing to undo'], looks: 0 };
  if (because === 'our-fault' && attempt.judged === 'recovered')
    return {
      verdict: 'nothing',
      because,
      why: ['it had healed, so that it stays although looking again failed'],
      looks: 0,
    };
  const undoing = await undoAttempt(incident, attempt, kb, now, deadline);
  const { kind, why } = undoing;
  if (kind === 'busy') return { verdict: 'busy', because, why, waitSeconds: undoing.again };
  const after = (await kb.incidents.attempts(incidentId)).find(({ attempt: n }) => n === number) ?? attempt;
  const saw = { mutations: toldMutations(after.mutations) };
  if (kind !== 'failed') return { verdict: kind, because, why, looks: 0, waitSeconds: 5, saw };
  await kb.incidents.update(incidentId, {
    ending: { kind: 'escalated', because: 'undo-failed', why: why.join('; ') },
    seenSignals: incident.signalCount,
  });
  return {
    verdict: 'failed',
    because: 'undo-failed',
    why: ['an undo failed: the resource is frozen until a person gives it free', ...why],
    saw,
  };
});
