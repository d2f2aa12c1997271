import { criteriaOf } from '../../layers/core/inventory.ts';
import { LEASE_MARGIN, type Policy } from '../../layers/core/policy.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { addSeconds, minutes } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { lookAt } from '../../layers/runtime/observe/look.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { judgeUndo } from './judge-undo.ts';

/** After an undo: is it at least as well as before the attempt? If not, the resource is frozen and a person is told. */
export async function verifyUndo(
  input: StepInput,
  context: StepContext,
  policy: Policy,
): Promise<Decided<Verdict<'VerifyUndo'>>> {
  const { incident, kb, now } = context;
  const { because } = input;
  const attempt = (await kb.incidents.attempts(incident.incidentId)).find(({ attempt: n }) => n === input.attempt);
  const resource = await kb.knowledge.resource(incident.resource);
  if (!attempt || !resource)
    return { verdict: 'undone', because, why: ['there is nothing to look at after the undo'], looks: 0 };
  // Nobody else may act on it while it settles. A lease that was lost meanwhile does not keep it from being looked at.
  await kb.control.renew(incident.incidentId, attempt.leased, addSeconds(now(), LEASE_MARGIN)).catch(() => undefined);
  const undoneAt =
    attempt.mutations
      .filter(({ state }) => state === 'undone')
      .map(({ at }) => at)
      .sort()
      .at(-1) ?? now();
  const look = await lookAt(
    resource,
    criteriaOf(resource),
    addSeconds(attempt.startedAt, -minutes(6)),
    now(),
    await readerAws(resource.arn),
  );
  const judged = judgeUndo(look, { startedAt: attempt.startedAt, undoneAt, looks: input.looks + 1 }, policy);
  if (judged.kind === 'unsettled')
    return { verdict: 'unsettled', because, why: judged.why, waitSeconds: judged.again, looks: input.looks + 1 };
  if (judged.kind === 'as-before') return { verdict: 'undone', because, why: judged.why, looks: 0 };
  const why = ['it is worse after the undo than before the attempt', ...judged.why];
  await kb.control.freeze(resource.arn, why.join('; '), incident.incidentId, now());
  await kb.incidents.update(incident.incidentId, {
    ending: { kind: 'escalated', because: 'undo-failed', why: why.join('; ') },
    seenSignals: incident.signalCount,
  });
  return { verdict: 'escalate', because: 'undo-failed', why, looks: 0 };
}
