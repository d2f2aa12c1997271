import type { Ending } from '../../layers/core/incident.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { secondsBetween } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { MetricUnit } from '../../layers/runtime/lambda.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { holding, holdWait } from './hold.ts';

type Answer = Decided<Verdict<'Close'>>;

/** Ends the incident, unless a signal joined since it was last looked at, or it is kept open for a person. */
export async function close(input: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const { incident, kb, now } = context;
  const { incidentId, ending } = incident;
  if (!ending)
    throw new Error(`incident ${incidentId} must have an ending before it is closed: the state before writes it`);
  await releaseAll(context);
  const healed = ending.kind === 'recovered' || ending.kind === 'noise';
  if (!healed) {
    const kept = await holding(ending, context, policy);
    if (kept.kind === 'hold')
      return {
        verdict: 'holding',
        because: input.because,
        why: kept.why,
        waitSeconds: holdWait(input.looks),
        looks: input.looks + 1,
      };
    if (kept.kind === 'again') return { verdict: 'again', why: kept.why, looks: 0, attempt: 0 };
  }
  // Whoever was told has seen all that joined since; what recovered must be looked at again.
  const seen = healed ? incident.seenSignals : incident.signalCount;
  const closed = await kb.incidents.close(incidentId, ending, seen, now());
  if (closed === 'closed') {
    report(context, ending);
    return { verdict: 'closed', because: input.because, why: [said(ending)] };
  }
  if (healed)
    return {
      verdict: 'rejoined',
      why: ['a signal joined since it was last looked at: look again'],
      looks: 0,
      waitSeconds: 0,
    };
  return {
    verdict: 'holding',
    because: input.because,
    why: ['a signal joined just now'],
    waitSeconds: 1,
    looks: input.looks,
  };
}

async function releaseAll({ incident, kb }: StepContext): Promise<void> {
  if (incident.attempts === 0) return;
  const leased = (await kb.incidents.attempts(incident.incidentId)).flatMap((attempt) => attempt.leased);
  if (leased.length > 0) await kb.control.release(incident.incidentId, [...new Set(leased)]);
}

function said(ending: Ending): string {
  if (ending.kind === 'recovered')
    return `recovered by ${ending.by === 'action' ? ending.action : ending.by}: ${ending.why}`;
  return ending.kind === 'noise' ? `noise: ${ending.why}` : `${ending.kind} (${ending.because}): ${ending.why}`;
}

/** Few dimensions: how it ended, and for recoveries by what. The healing rate counts `recovered` by `action` only. */
function report({ incident, metrics, now }: StepContext, ending: Ending): void {
  metrics.addDimensions({ ending: ending.kind, by: ending.kind === 'recovered' ? ending.by : 'none' });
  metrics.addMetric('Incidents', MetricUnit.Count, 1);
  if (ending.kind === 'recovered')
    metrics.addMetric('TimeToRecover', MetricUnit.Seconds, Math.max(0, secondsBetween(incident.onset, now())));
}
