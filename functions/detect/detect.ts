import { criteriaOf } from '../../layers/core/inventory.ts';
import type { Incident, SuppressionCause } from '../../layers/core/incident.ts';
import { aboutOf } from '../../layers/core/story.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { isPredicted, type Signal } from '../../layers/core/signal.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { addSeconds, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { lookAt } from '../../layers/runtime/observe/look.ts';
import { isMuted } from './mute.ts';
import { judgePatiently } from './early/judge.ts';
import { signsOf } from './early/look.ts';
import { flappingOf, PAST, passed, sayFlapping } from './flapping.ts';
import { judgeReality, lookBack, namesItsCause, withSigns } from './real.ts';

type Answer = Decided<Verdict<'Detect'>>;

/** After so many looks at what stays unclear, it is taken as real: the doubt goes to the resource. */
const LOOKS_AT_MOST = 8;

/** Is it real, and may anything be done about it at all? */
export async function detect(input: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const { incident, kb } = context;
  const [resource, signals] = await Promise.all([
    kb.knowledge.resource(incident.resource),
    kb.incidents.signals(incident.incidentId),
  ]);
  if (!resource)
    return suppressed(
      context,
      'observe',
      `${incident.resource} is not in the inventory: nobody asked for it to be healed`,
    );
  if (resource.mode === 'observe') return suppressed(context, 'observe', 'its mode is observe');

  const criteria = criteriaOf(resource);
  const now = context.now();
  const aws = await readerAws(incident.resource);
  const look = await lookAt(resource, criteria, addSeconds(now, -lookBack(criteria)), now, aws);
  const past = await earlier(context);
  const seen = judgeReality(look, signals, resource, policy, await lastHealed(past, context, lookBack(criteria)));
  const reality = withSigns(seen, await signsOf(signals, resource, now, aws, judgePatiently));
  const saw = { about: aboutOf({ ...incident, mode: resource.mode }), signals: signals.length, gaps: look.gaps };
  const flapping = reality.kind === 'unclear' ? undefined : await lookForFlapping(past, signals, context, policy);
  const flaps = flapping ? [sayFlapping(flapping, policy)] : [];
  const away = reality.kind === 'noise';
  if (away && (!flapping || flapping.toldIn)) return noise(context, [...reality.why, ...flaps], saw);
  if (reality.kind === 'unclear' && input.looks < LOOKS_AT_MOST)
    return {
      verdict: 'look',
      why: ['too early to tell', ...reality.why],
      waitSeconds: reality.again,
      looks: input.looks + 1,
      saw,
    };

  const muted = await isMuted(signals, aws);
  if (muted.muted) return suppressed(context, 'mute-rule', muted.why.join('; '));
  // In mode suggest nothing is ever changed, so that the lever has nothing to stop.
  if (resource.mode !== 'suggest' && (await kb.control.lever('healing')) === 'engaged')
    return suppressed(context, 'lever', 'the healing lever is engaged, or was never set');

  const foreseen = isPredicted(signals) && seen.kind !== 'real';
  const predicted = foreseen === (incident.predicted ?? false) ? {} : { predicted: foreseen };
  await kb.incidents.update(incident.incidentId, {
    mode: resource.mode,
    ending: null,
    ...predicted,
    flapping: flapping ? { ...flapping, away } : null,
  });
  const waited = input.verdict === 'approved' || namesItsCause(signals) || away;
  const waitSeconds = waited ? 0 : policy.gatherSeconds;
  const found = foreseen ? 'it is foretold, and nothing has happened yet' : away ? 'it is over for now' : 'it is real';
  return { verdict: 'gather', why: [found, ...flaps, ...reality.why, ...muted.why], waitSeconds, looks: 0, saw };
}

/** The resource's incidents before this one, newest first. */
const earlier = async ({ incident, kb }: StepContext): Promise<Incident[]> =>
  (await kb.incidents.byResource(incident.resource, PAST)).filter(
    ({ incidentId }) => incidentId !== incident.incidentId,
  );

async function lookForFlapping(
  past: readonly Incident[],
  signals: readonly Signal[],
  { kb, now }: StepContext,
  policy: Policy,
): Promise<ReturnType<typeof flappingOf>> {
  const at = now();
  const before = await Promise.all(passed(past, at, policy).map(({ incidentId }) => kb.incidents.signals(incidentId)));
  return flappingOf(signals, before, past, at, policy);
}

/** When the fix had settled that healed the resource's incident before, if that was within the time looked back on. */
async function lastHealed(
  [before]: readonly Incident[],
  { kb, now }: StepContext,
  within: Seconds,
): Promise<Instant | undefined> {
  if (before?.ending?.kind !== 'recovered' || before.closedAt === undefined) return undefined;
  if (secondsBetween(before.closedAt, now()) > within) return undefined;
  const attempts = await kb.incidents.attempts(before.incidentId);
  return attempts.findLast(({ judged }) => judged === 'recovered')?.settledAt ?? before.closedAt;
}

async function suppressed({ incident, kb }: StepContext, because: SuppressionCause, why: string): Promise<Answer> {
  const ending = { kind: 'suppressed', because, why } as const;
  await kb.incidents.update(incident.incidentId, { ending, seenSignals: incident.signalCount });
  return { verdict: 'closing', because, why: [why], looks: 0, saw: { about: aboutOf(incident) } };
}

async function noise(
  { incident, kb }: StepContext,
  why: readonly string[],
  saw: Answer['saw'] & object,
): Promise<Answer> {
  const ending = { kind: 'noise', why: why.join('; ') } as const;
  await kb.incidents.update(incident.incidentId, { ending, seenSignals: incident.signalCount });
  return { verdict: 'closing', because: 'noise', why, looks: 0, saw };
}
