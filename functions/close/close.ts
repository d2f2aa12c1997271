import { criteriaOf } from '../../layers/core/inventory.ts';
import type { Ending } from '../../layers/core/incident.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { closingOf } from '../../layers/core/story.ts';
import { addSeconds, secondsBetween } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { MetricUnit } from '../../layers/runtime/lambda.ts';
import { lookAt } from '../../layers/runtime/observe/look.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { judgeReality, lookBack } from '../detect/real.ts';

type Answer = Decided<Verdict<'Close'>>;

/** A signal that joins in the very moment of closing makes it try again; after so many, the step fails and is retried. */
const TRIES = 5;

/** Ends the incident, unless a signal joined since it was last looked at. */
export async function close({ because }: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const { incident, kb, now } = context;
  const { incidentId, ending } = incident;
  if (!ending)
    throw new Error(`incident ${incidentId} must have an ending before it is closed: the state before writes it`);
  await releaseAll(context);
  if (ending.kind === 'escalated' || ending.kind === 'suppressed') return leave(context, ending, because, policy);
  const closed = await kb.incidents.close(incidentId, ending, incident.seenSignals, now());
  if (closed === 'rejoined')
    return {
      verdict: 'rejoined',
      why: ['a signal joined since it was last looked at: look again'],
      looks: 0,
      waitSeconds: 0,
    };
  report(context, ending);
  return { verdict: 'closed', because, why: [said(ending)], saw: await facts(context, ending) };
}

/**
 * Ends what was not healed. A signal that joined meanwhile changes nothing: whoever was told knows. While the resource is
 * not well its pointer stays, so that the same trouble opens no second incident; reconcile takes the pointer away when it
 * is well, or takes the trouble up again when what stood in the way is gone.
 */
async function leave(context: StepContext, ending: Ending, because: string, policy: Policy): Promise<Answer> {
  const { incident, kb, now } = context;
  const well = await isWell(context, policy);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { signalCount } = await kb.incidents.get(incident.incidentId);
    const closed = await kb.incidents.close(incident.incidentId, ending, signalCount, now(), well ? 'remove' : 'keep');
    if (closed === 'rejoined') continue;
    report(context, ending);
    const left = well
      ? 'it is well by now'
      : 'it is not well yet: the same trouble opens no further incident until it is, or until the obstacle is gone';
    return { verdict: 'closed', because, why: [said(ending), left], saw: { ...(await facts(context, ending)), well } };
  }
  throw new Error(`signals keep joining incident ${incident.incidentId} while it is closed`);
}

const facts = async ({ incident, kb }: StepContext, ending: Ending) => ({
  closing: closingOf(incident, ending, await kb.incidents.attempts(incident.incidentId)),
});

async function isWell({ incident, kb, now }: StepContext, policy: Policy): Promise<boolean> {
  const resource = await kb.knowledge.resource(incident.resource);
  if (!resource) return true; // nobody watches it any more
  const criteria = criteriaOf(resource);
  const at = now();
  const look = await lookAt(resource, criteria, addSeconds(at, -lookBack(criteria)), at, await readerAws(resource.arn));
  return look.gaps.length === 0 && judgeReality(look, [], resource, policy).kind === 'noise';
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
