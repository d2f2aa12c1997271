import { shortName } from '../../layers/core/arn.ts';
import type { EscalationCause, IncidentId } from '../../layers/core/incident.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import { sayShare, sharedCauseOf, type Share } from '../../layers/core/common-cause.ts';
import { secondsBetween, type Seconds } from '../../layers/core/units.ts';
import type { Claim } from '../../layers/runtime/kb/control.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import { hasOwnCause, sharerOf } from '../diagnose/shared/traces.ts';
import { actionNamed } from '../recover/catalogue.ts';
import { escalate, suppress, type Answer, type Situation } from './situation.ts';

type Because = Extract<EscalationCause, 'no-candidate' | 'exhausted'>;

/** Alarms of one cause arrive over a minute: told before, a person would learn of the first of them only. */
const TOGETHER: Seconds = 90;

/**
 * Nothing can be done: a person is told, once for all incidents that share a cause outside the graph. The first of them to come
 * here tells, with the others named; those that come later end as told there. It asks nothing before this, so that
 * no healing waits for it.
 */
export async function tellOnce(situation: Situation, because: Because, why: readonly string[]): Promise<Answer> {
  const { incident, evidence, diagnosis, context, attempts, now } = situation;
  if (attempts.some(stands) || hasOwnCause(evidence, diagnosis)) return escalate(situation, because, why);
  const continues = takenUpFrom(situation);
  const sharer = sharerOf(incident, evidence, diagnosis);
  if (sharer.traces.length === 0 && continues === undefined) return escalate(situation, because, why);
  const early = TOGETHER - secondsBetween(incident.openedAt, now);
  if (early > 0)
    return {
      verdict: 'wait',
      waitSeconds: Math.ceil(early),
      why: [
        ...why,
        'others in trouble by the same cause may be heard of within the minute: a person is told once of all',
      ],
    };
  const claim = await context.kb.control.claimShared(sharer, continues, now).catch((error: unknown) => String(error));
  if (typeof claim === 'string')
    return escalate(situation, because, [...why, `whether others share its cause could not be read: ${claim}`]);
  return claim.kind === 'tell' ? tell(situation, because, why, claim.shares) : told(situation, claim, why);
}

/** What of ours could be taken back and was not is told by itself. */
const stands = ({ candidate, mutations }: Attempt): boolean =>
  actionNamed(candidate.action).undo !== undefined &&
  mutations.some(({ state }) => state === 'applied' || state === 'intended');

/** The incident whose trouble this one takes up again: it had not ended in between. */
function takenUpFrom({ incident: { reopens }, evidence: { signals } }: Situation): IncidentId | undefined {
  return signals.some(({ id }) => id === `taken-up:${reopens}`) ? reopens : undefined;
}

async function tell(
  situation: Situation,
  because: Because,
  why: readonly string[],
  shares: readonly Share[],
): Promise<Answer> {
  const { incident, context, evidence } = situation;
  const { incidentId } = incident;
  const cause = sharedCauseOf(shares, incidentId);
  const others = cause ? await stillIll(cause.with, context.kb) : [];
  if (!cause || others.length === 0) return escalate(situation, because, why);
  const shared = { ...cause, with: others };
  await context.kb.incidents.update(incidentId, { shared });
  const said = shares.map((share) => sayShare(share, evidence.window.onset));
  const answer = await escalate(situation, because, [...why, ...said, 'a person is told here, for all of them']);
  return { ...answer, saw: { shared } };
}

/** Those that have not ended well. */
async function stillIll(ids: readonly IncidentId[], { incidents }: typeof Kb): Promise<IncidentId[]> {
  const found = await Promise.all(ids.map((id) => incidents.get(id)));
  return found.flatMap(({ incidentId, ending }) =>
    ending?.kind === 'recovered' || ending?.kind === 'noise' ? [] : incidentId,
  );
}

/** What a taken-up incident shares is what it shared before. */
const AS_BEFORE = 'the trouble that was told of before';

async function told(
  situation: Situation,
  { by, shares }: Extract<Claim, { kind: 'told' }>,
  why: readonly string[],
): Promise<Answer> {
  const { incident, context, evidence, now } = situation;
  const { incidents } = context.kb;
  const { incidentId, resource } = incident;
  const shared = sharedCauseOf(shares, by) ?? { what: AS_BEFORE, with: [by], toldIn: by };
  await incidents.joinTelling(by, { incidentId, resource, at: now, what: shared.what });
  await incidents.update(incidentId, { shared });
  const first = await incidents.get(by);
  const answer = await suppress(situation, 'cooldown', [
    `a person has been told in incident ${by} on ${shortName(first.resource)}, which has the same cause outside: ${shared.what}`,
    ...shares.map((share) => sayShare(share, evidence.window.onset)),
    ...why,
  ]);
  return { ...answer, saw: { shared } };
}
