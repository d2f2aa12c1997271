import { permissionFor } from '../../layers/core/mode.ts';
import { describeChange } from '../../layers/core/other-writer.ts';
import type { Attempt, Candidate } from '../../layers/core/plan.ts';
import { PlanInputs } from '../../layers/core/plan-inputs.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { StepInput } from '../../layers/core/step.ts';
import { addSeconds, hours, minutes } from '../../layers/core/units.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { actionNamed, actions } from '../recover/catalogue.ts';
import { fold } from './fold.ts';
import { ownHistory } from './history.ts';
import { intentOf } from './intent.ts';
import { planFrom } from './plan-from.ts';
import { candidateKey } from './plan.ts';
import {
  changedByOthers,
  escalate,
  hasBegun,
  isOver,
  readSituation,
  suppress,
  type Answer,
  type Situation,
} from './situation.ts';
import { suggest } from './suggest.ts';
import { wellAgain } from './well-again.ts';

/** A person who was told of this resource so recently is not told again that nothing can be done. */
const TOLD_RECENTLY = minutes(30);

/** Asks every limit in turn whether, and how, to go on. The first that has an answer gives it. */
export async function decide(input: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const situation = await readSituation(input, context, policy);
  const checks = [resume, folded, otherWriter, recovering, lever, attemptsLeft];
  for (const check of checks) {
    const answer = await check(situation);
    if (answer) return answer;
  }
  return choose(situation);
}

/** An attempt whose function was killed while it changed something goes on where it stopped. */
async function resume({ attempts, input }: Situation): Promise<Answer | undefined> {
  const unfinished = attempts.find(
    (attempt) => hasBegun(attempt) && !isOver(attempt) && attempt.appliedAt === undefined,
  );
  if (!unfinished) return undefined;
  return {
    verdict: 'act',
    attempt: unfinished.attempt,
    looks: input.looks,
    why: [`attempt ${unfinished.attempt} was begun and not finished: it goes on`],
  };
}

async function folded(situation: Situation): Promise<Answer | undefined> {
  const { incident, resource, diagnosis, context, input, attempts } = situation;
  const { kb } = context;
  const callees = await Promise.all(
    resource.dependsOn.map(async (arn) => ({
      arn,
      watched: (await kb.knowledge.resource(arn)) !== undefined,
      pointer: await kb.control.pointer(arn),
    })),
  );
  const open = await Promise.all(
    callees.flatMap(({ pointer }) => (pointer ? [kb.incidents.get(pointer.incidentId)] : [])),
  );
  const into = incident.foldedInto ? await kb.incidents.get(incident.foldedInto) : undefined;
  const looks = attempts.length > 0 ? Number.POSITIVE_INFINITY : input.looks;
  const folding = fold(
    incident,
    diagnosis,
    callees.filter(({ watched }) => watched).map(({ arn }) => arn),
    open,
    into,
    looks,
  );
  if (folding.kind === 'own') {
    if (incident.foldedInto) await kb.incidents.update(incident.incidentId, { foldedInto: null });
    return undefined;
  }
  if (folding.kind === 'expecting')
    return { verdict: 'wait', why: [folding.why], waitSeconds: folding.again, looks: input.looks + 1 };
  if (folding.kind === 'look-again')
    return { verdict: 'diagnose', why: [folding.why, 'the evidence is collected anew'], looks: input.looks + 1 };
  if (folding.kind === 'elsewhere') return escalate(situation, 'no-candidate', [folding.why]);
  if (folding.kind === 'unfolded') {
    await kb.incidents.update(incident.incidentId, { foldedInto: null });
    return {
      verdict: 'verify',
      why: [folding.why, 'look whether this one is well, too'],
      attempt: 0,
      looks: 0,
      waitSeconds: 10,
    };
  }
  await kb.incidents.update(incident.incidentId, { foldedInto: folding.into.incidentId });
  return {
    verdict: 'wait',
    why: [folding.why],
    waitSeconds: folding.again,
    saw: { foldedInto: folding.into.incidentId },
  };
}

async function otherWriter(situation: Situation): Promise<Answer | undefined> {
  const changes = await changedByOthers(situation);
  if (changes.length === 0) return undefined;
  return escalate(situation, 'other-writer', [
    'someone else changed it since the onset, so that nothing more is done to it',
    ...changes.map(describeChange),
  ]);
}

async function recovering({ attempts, evidence, policy }: Situation): Promise<Answer | undefined> {
  if (attempts.some(hasBegun)) return undefined;
  const why = wellAgain(evidence, policy);
  return why ? { verdict: 'verify', why: [why], attempt: 0, looks: 0, waitSeconds: 0 } : undefined;
}

async function lever(situation: Situation): Promise<Answer | undefined> {
  const { resource, context } = situation;
  if (resource.mode === 'observe') return suppress(situation, 'observe', ['its mode is observe']);
  if (resource.mode === 'suggest') return undefined;
  if ((await context.kb.control.lever('healing')) === 'disengaged') return undefined;
  return suppress(situation, 'lever', ['the healing lever is engaged, or was never set']);
}

async function attemptsLeft(situation: Situation): Promise<Answer | undefined> {
  const { attempts, policy, context, resource, now } = situation;
  const begun = attempts.filter(hasBegun).length;
  if (begun >= policy.maxAttempts)
    return escalate(situation, 'exhausted', [
      `${begun} attempts were made, ${policy.maxAttempts} are allowed in one incident`,
    ]);
  if (resource.mode === 'suggest') return undefined;
  const { attempts: spent } = await context.kb.control.budget(resource.arn, policy, now);
  if (spent < policy.attemptBudget) return undefined;
  return nothingToDo(situation, [
    `${resource.arn} had ${spent} attempts in ${policy.budgetWindow / hours(1)} h, ${policy.attemptBudget} are allowed`,
  ]);
}

async function choose(situation: Situation): Promise<Answer> {
  const { resource, incident, context, policy, now } = situation;
  const inputs = await readPlanInputs(situation);
  const made = planFrom(situation.diagnosis, situation.evidence, inputs);
  const number = nextNumber(situation, made.candidates[0]);
  await context.kb.incidents.savePlan(incident.incidentId, { attempt: number, inputs, plan: made });
  const [candidate] = made.candidates;
  const rejected = made.rejected.map(({ action, why }) => `not ${action}: ${why}`);
  if (!candidate) return nothingToDo(situation, ['no action fits', ...rejected]);
  if (resource.mode === 'suggest') return suggest(situation, candidate, rejected);
  const brake = await context.kb.control.brake(incident.fleet, policy, now);
  if (brake.engaged)
    return escalate(situation, 'brake', [brake.why, `${candidate.action} was not run: something larger is going on`]);
  const frozen = await frozenAmong(situation, candidate);
  if (frozen) return escalate(situation, 'undo-failed', [frozen]);
  if (permissionFor(resource.mode, candidate.risk, resource.maxRisk) === 'ask')
    return askOrAct(situation, candidate, number, rejected);
  return act(situation, candidate, number, [...candidate.because, ...rejected]);
}

async function readPlanInputs({
  diagnosis,
  evidence,
  incident,
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
    ownHistory(incident, kb),
    kb.control.budget(resource.arn, policy, now),
  ]);
  const tried = attempts
    .filter((attempt) => hasBegun(attempt) || isOver(attempt))
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

async function nothingToDo(situation: Situation, why: readonly string[]): Promise<Answer> {
  const { attempts, incident, context, resource, now } = situation;
  const before = (await context.kb.incidents.byResource(resource.arn, 3)).filter(
    ({ incidentId }) => incidentId !== incident.incidentId,
  );
  const told = before.find(
    ({ ending, closedAt }) =>
      ending?.kind === 'escalated' && closedAt !== undefined && closedAt > addSeconds(now, -TOLD_RECENTLY),
  );
  const begun = attempts.filter(hasBegun).length;
  if (told && begun === 0)
    return suppress(situation, 'cooldown', [
      `a person was told in incident ${told.incidentId}, which closed at ${told.closedAt}`,
      ...why,
    ]);
  return escalate(situation, begun > 0 ? 'exhausted' : 'no-candidate', why);
}

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
