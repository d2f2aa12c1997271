import { permissionFor } from '../../layers/core/mode.ts';
import type { Attempt, Candidate } from '../../layers/core/plan.ts';
import { PlanInputs } from '../../layers/core/plan-inputs.ts';
import { isTrouble } from '../../layers/core/signal.ts';
import { addSeconds } from '../../layers/core/units.ts';
import { isSlow, seriesOf } from '../../layers/core/watched-series.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import { sayFlapping } from '../detect/flapping.ts';
import { actionNamed, actions } from '../recover/catalogue.ts';
import { ownHistory } from './history.ts';
import { intentOf } from './intent.ts';
import { nothingToDo } from './nothing-to-do.ts';
import { planFrom } from './plan-from.ts';
import { candidateKey } from './plan.ts';
import { predicted } from './predicted.ts';
import { escalate, hasBegun, isOver, type Answer, type Situation } from './situation.ts';
import { suggest } from './suggest.ts';

/** Plans, and asks what still stands in the way of the best candidate: mode, brake, freeze, a person. */
export async function choose(situation: Situation): Promise<Answer> {
  const { resource, incident, context, policy, now } = situation;
  const slow = slowAlone(situation);
  if (slow) return escalate(situation, 'no-candidate', slow);
  const inputs = await readPlanInputs(situation);
  const made = planFrom(situation.diagnosis, situation.evidence, inputs);
  const number = nextNumber(situation, made.candidates[0]);
  await context.kb.incidents.savePlan(incident.incidentId, { attempt: number, inputs, plan: made });
  const [candidate] = made.candidates;
  const { flapping } = incident;
  const besides = [
    ...(flapping ? [sayFlapping(flapping, policy)] : []),
    ...made.rejected.map(({ action, why }) => `not ${action}: ${why}`),
  ];
  if (!candidate) return nothingToDo(situation, ['no action fits', ...besides]);
  if (resource.mode === 'suggest') return suggest(situation, candidate, besides);
  const brake = await context.kb.control.brake(incident.fleet, policy, now);
  if (brake.engaged)
    return escalate(situation, 'brake', [brake.why, `${candidate.action} was not run: something larger is going on`]);
  const frozen = await frozenAmong(situation, candidate);
  if (frozen) return escalate(situation, 'undo-failed', [frozen]);
  const early = await predicted(situation, candidate);
  if (early && 'answer' in early) return early.answer;
  if (permissionFor(resource.mode, candidate.risk, resource.maxRisk) === 'ask')
    return askOrAct(situation, candidate, number, [...(early?.why ?? []), ...besides]);
  return act(situation, candidate, number, [...candidate.because, ...(early?.why ?? []), ...besides]);
}

/**
 * What runs out over days and is all that the incident is about: a person has the time to renew, enlarge or clear it, and
 * nothing that is done to the resource in minutes would.
 */
function slowAlone({ evidence: { signals }, resource }: Situation): string[] | undefined {
  const slow = new Set(seriesOf(resource).flatMap((series) => (isSlow(series) ? [series.id] : [])));
  const telling = signals.filter(isTrouble);
  const alone = telling.every((one) => one.kind === 'forecast' && one.foretold && slow.has(one.foretold.series));
  if (telling.length === 0 || !alone) return undefined;
  return [
    ...telling.map(({ summary }) => summary),
    'A person must renew, enlarge or clear it: no action of Prunella does',
  ];
}

async function readPlanInputs({
  diagnosis,
  evidence,
  context,
  policy,
  attempts,
  resource,
  now,
}: Situation): Promise<PlanInputs> {
  const { kb } = context;
  const [posteriors, own, budget] = await Promise.all([
    kb.knowledge.posteriors(
      resource.type,
      diagnosis.hypotheses.map(({ fault }) => fault),
    ),
    ownHistory(resource.arn, attempts, kb),
    kb.control.budget(resource.arn, policy, now),
  ]);
  const healed = attempts.some(isOver) ? await lastHealedCallee(resource, kb) : '';
  const tried = attempts
    .filter((attempt) => hasBegun(attempt) || isOver(attempt))
    .filter(({ endedAt }) => endedAt === undefined || endedAt > healed)
    .map(({ candidate }) => candidateKey(candidate));
  const resting = Object.fromEntries(
    Object.values(actions).flatMap(({ name, cooldown }) => {
      const last = budget.lastAttempt[name];
      return last !== undefined && addSeconds(last, cooldown) > now
        ? [[name, `it was begun at ${last} and rests ${cooldown} s`]]
        : [];
    }),
  );
  return PlanInputs.parse({ evidenceTakenAt: evidence.takenAt, posteriors, own, tried, resting, policy, resource });
}

/** Incidents of a callee that are looked back on. */
const LOOK_BACK = 3;

/**
 * When something that the resource calls was last healed; empty for never. What was tried before had no chance to show
 * that it helps: it may be tried again, within the budget.
 */
async function lastHealedCallee({ dependsOn }: Situation['resource'], { incidents }: typeof Kb): Promise<string> {
  const past = await Promise.all(dependsOn.map((arn) => incidents.byResource(arn, LOOK_BACK)));
  const healings = past
    .flat()
    .flatMap(({ ending, closedAt }) =>
      ending?.kind === 'recovered' && ending.by === 'action' ? (closedAt ?? []) : [],
    );
  return healings.sort().at(-1) ?? '';
}

/** The attempt that is written and was never begun keeps its number while its candidate is the one to run. */
function nextNumber({ attempts }: Situation, candidate: Candidate | undefined): number {
  const waiting = pending(attempts, candidate);
  return waiting?.attempt ?? attempts.length + 1;
}

const pending = (attempts: readonly Attempt[], candidate: Candidate | undefined): Attempt | undefined =>
  attempts.find(
    (attempt) =>
      candidate &&
      !hasBegun(attempt) &&
      !isOver(attempt) &&
      candidateKey(attempt.candidate) === candidateKey(candidate),
  );

async function frozenAmong({ context }: Situation, candidate: Candidate): Promise<string | undefined> {
  const action = actionNamed(candidate.action);
  const touched = [candidate.resource, ...action.touches(action.params.parse(candidate.params))];
  const found = await Promise.all([...new Set(touched)].map((arn) => context.kb.control.frozen(arn)));
  const freeze = found.find((one) => one !== undefined);
  return freeze && `${freeze.arn} is frozen since ${freeze.at}, by incident ${freeze.incidentId}: ${freeze.why}`;
}

/** A yes holds for this plan with this intent only; for anything else the question is asked again. */
async function askOrAct(
  situation: Situation,
  candidate: Candidate,
  number: number,
  rejected: readonly string[],
): Promise<Answer> {
  const { context, incident, resource } = situation;
  const given = await context.kb.control.approval(incident.incidentId, number);
  const { planHash, reasonsNot } = await intentOf(candidate);
  if (given?.approved === true && given.planHash === planHash && given.expiresAt > situation.now)
    return act(situation, candidate, number, [
      `approved by ${given.approver} at ${given.answeredAt}`,
      ...candidate.because,
    ]);
  const changed = given?.approved === true ? ['what was approved is not what would be done now: asked again'] : [];
  return {
    verdict: 'ask',
    attempt: number,
    looks: 0,
    why: [
      `mode ${resource.mode} and risk ${candidate.risk} need a person for ${candidate.action}`,
      ...changed,
      ...candidate.because,
      ...reasonsNot,
      ...rejected,
    ],
  };
}

async function act(
  { context, incident, attempts, input, now }: Situation,
  candidate: Candidate,
  number: number,
  why: readonly string[],
): Promise<Answer> {
  const { kb } = context;
  const waiting = pending(attempts, candidate);
  const dropped = attempts.filter((attempt) => !hasBegun(attempt) && !isOver(attempt) && attempt !== waiting);
  for (const { attempt } of dropped)
    await kb.incidents.updateAttempt(incident.incidentId, attempt, {
      endedAt: now,
      outcomeWhy: ['never begun: another candidate came first'],
    });
  if (!waiting)
    await kb.incidents.putAttempt(incident.incidentId, {
      attempt: number,
      candidate,
      startedAt: now,
      leased: [],
      mutations: [],
      outcomeWhy: [],
    });
  if (incident.ending) await kb.incidents.update(incident.incidentId, { ending: null });
  return {
    verdict: 'act',
    attempt: number,
    looks: waiting ? input.looks : 0,
    why,
    saw: { action: candidate.action, params: candidate.params, success: candidate.success },
  };
}
