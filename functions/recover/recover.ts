import { ChangedMeanwhile, type Action } from '../../layers/core/action.ts';
import { describeChange, otherWriters } from '../../layers/core/other-writer.ts';
import type { RecordedMutation } from '../../layers/core/mutation.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import { LEASE_MARGIN, type Policy } from '../../layers/core/policy.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { toldMutations } from '../../layers/core/story.ts';
import { addSeconds, type Seconds } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { assumeForAction, readerAws } from '../../layers/runtime/aws.ts';
import type { Refusal } from '../../layers/runtime/kb/control.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { planHash } from '../decide/intent.ts';
import { slack } from '../diagnose/support/facts.ts';
import { actionNamed } from './catalogue.ts';
import { forbiddenByTag } from './mode-tag.ts';

type Answer = Decided<Verdict<'Recover'>>;

/** A refusal that may pass (a deployment comes to rest) is waited for so often before the candidate is given up. */
const PATIENCE = 4;
const NEXT_TRY: Seconds = 15;
const FIRST_LOOK: Seconds = 5;

interface Work {
  readonly input: StepInput;
  readonly context: StepContext;
  readonly policy: Policy;
  readonly attempt: Attempt;
  readonly action: Action;
  readonly params: unknown;
}

/** Lease, intent, act: in this order, so that a process killed at any instant leaves nothing changed that is not recorded. */
export async function recover(input: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const { incident, kb } = context;
  const attempt = (await kb.incidents.attempts(incident.incidentId)).find(({ attempt: n }) => n === input.attempt);
  if (!attempt)
    throw new Error(
      `incident ${incident.incidentId} has no attempt ${input.attempt}: Decide writes it before it leads here`,
    );
  if (attempt.appliedAt !== undefined) return applied(attempt.mutations);
  const action = actionNamed(attempt.candidate.action);
  const work: Work = { input, context, policy, attempt, action, params: action.params.parse(attempt.candidate.params) };
  const begun = attempt.mutations.length > 0;
  const intended = begun ? attempt.mutations : await prepare(work);
  if (!Array.isArray(intended)) return intended as Answer;
  const refused = await lease(work, begun);
  if (refused) return refused;
  return change(work, intended as readonly RecordedMutation[]);
}

/** Every ARN that the action may change. */
const touchedBy = ({ attempt, action, params }: Work): string[] => [
  ...new Set([attempt.candidate.resource, ...action.touches(params)]),
];

const applied = (mutations: readonly RecordedMutation[]): Answer => ({
  verdict: 'applied',
  looks: 0,
  waitSeconds: FIRST_LOOK,
  why: mutations.map(
    ({ field, resource, was, becomes }) => `${field} of ${resource}: ${String(was)} became ${String(becomes)}`,
  ),
  saw: { mutations: toldMutations(mutations.map((one) => ({ ...one, state: 'applied' }))) },
});

/** Everything that is read afresh before anything is changed; the intent, or the answer that ends the try. */
async function prepare(work: Work): Promise<readonly RecordedMutation[] | Answer> {
  const { context, attempt, action, params } = work;
  const { kb, incident, now } = context;
  const [aws, resource, evidence, attempts, approval] = await Promise.all([
    readerAws(attempt.candidate.resource),
    kb.knowledge.resource(incident.resource),
    kb.incidents.evidence(incident.incidentId),
    kb.incidents.attempts(incident.incidentId),
    kb.control.approval(incident.incidentId, attempt.attempt),
  ]);
  if (!resource || !evidence)
    throw new Error(
      `incident ${incident.incidentId} must have evidence and its resource a record before anything is changed`,
    );

  const since = addSeconds(evidence.window.onset, slack(evidence));
  const touched = touchedBy(work);
  const before = attempts.flatMap(({ mutations }) => mutations);
  const changes = (await Promise.all(touched.map((arn) => kb.knowledge.changes(arn, since, now())))).flat();
  const [other] = otherWriters(changes, touched, since, before);
  if (other) return giveUp(work, 'other-writer', `someone else changed it since the onset: ${describeChange(other)}`);

  const [reasonsNot, mutations] = await Promise.all([action.preconditions(params, aws), action.intend(params, aws)]);
  const approved = approval?.approved === true;
  if (approved && approval.expiresAt <= now())
    return refuse(work, [`the approval expired at ${approval.expiresAt}`], true);
  if (approved && approval.planHash !== planHash(attempt.candidate, mutations))
    return refuse(work, ['what was approved is not what would be done now: it is asked again'], true);
  const forbidden = await forbiddenByTag(resource, approved ? 'approve' : 'heal', aws);
  const reasons = [
    ...reasonsNot,
    ...(forbidden ? [forbidden] : []),
    ...(mutations.length === 0 ? ['there is nothing to change'] : []),
  ];
  if (reasons.length > 0) return refuse(work, reasons, reasonsNot.length > 0 && !forbidden);
  const at = now();
  return mutations.map((one) => ({ ...one, action: action.name, state: 'intended', at, calls: [at] }) as const);
}

/** Nothing was changed. What may pass is tried again a few times; then the candidate is given up for the next one. */
async function refuse(
  { context, attempt, input }: Work,
  reasons: readonly string[],
  mayPass: boolean,
): Promise<Answer> {
  if (mayPass && input.looks < PATIENCE)
    return { verdict: 'again', why: reasons, waitSeconds: NEXT_TRY, looks: input.looks + 1 };
  await context.kb.incidents.updateAttempt(context.incident.incidentId, attempt.attempt, {
    endedAt: context.now(),
    outcomeWhy: [...reasons],
  });
  return { verdict: 'again', why: [`${attempt.candidate.action} was given up`, ...reasons], waitSeconds: 0, looks: 0 };
}

async function giveUp({ context, attempt }: Work, because: 'other-writer', why: string): Promise<Answer> {
  const { kb, incident, now } = context;
  await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, {
    endedAt: now(),
    judged: 'unknown',
    outcomeWhy: [why],
  });
  await kb.incidents.update(incident.incidentId, {
    ending: { kind: 'escalated', because, why },
    seenSignals: incident.signalCount,
  });
  return { verdict: 'escalate', because, why: [why] };
}

/** One transaction reads lever, mode, freeze and budget as they are, and takes every lease and a slot. */
async function lease(work: Work, begun: boolean): Promise<Answer | undefined> {
  const { context, attempt, action, policy } = work;
  const { kb, incident, now, deadline } = context;
  const arns = touchedBy(work);
  const [approval] = await Promise.all([
    kb.control.approval(incident.incidentId, attempt.attempt),
    // Written down first, so that whatever ends the incident finds what it has to give back.
    attempt.leased.length === 0 && kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, { leased: arns }),
  ]);
  const acquired = await kb.control.acquire({
    incidentId: incident.incidentId,
    attempt: attempt.attempt,
    arns,
    fleet: incident.fleet,
    policy,
    now: now(),
    busyUntil: deadline,
    until: addSeconds(deadline, action.settles.atMost + LEASE_MARGIN),
    action: action.name,
    cooldown: action.cooldown,
    actionQuota: action.quota,
    approved: approval?.approved === true,
  });
  if (acquired.ok) return undefined;
  const why = [`not now: ${acquired.detail}`];
  if (WAITED_FOR.includes(acquired.why))
    return { verdict: 'again', why, waitSeconds: NEXT_TRY, looks: work.input.looks };
  // What has begun may not go on: it is undone, which no lever stops.
  if (begun) return { verdict: 'undo', why };
  // Decide reads lever and brake itself, and says how the incident ends. The rest may be a limit of something else that
  // is touched: Decide does not see it, so that the candidate is given up here.
  if (acquired.why === 'lever' || acquired.why === 'brake') return { verdict: 'again', why, waitSeconds: 1 };
  return refuse(work, why, acquired.why !== 'cooldown');
}

const WAITED_FOR: readonly Refusal[] = ['leased', 'no-slot'];

/** The intent is stored before the first call; a retry finds what holds already and goes on from there. */
async function change(work: Work, intended: readonly RecordedMutation[]): Promise<Answer> {
  const { context, attempt, action, params } = work;
  const { kb, incident, now } = context;
  const { incidentId } = incident;
  const arns = touchedBy(work);
  await kb.incidents.setMutations(incidentId, attempt.attempt, intended);
  const id = { incidentId, attempt: attempt.attempt };
  const release = () => kb.control.renew(incidentId, arns, addSeconds(now(), action.settles.atMost + LEASE_MARGIN));
  try {
    const aws = await assumeForAction(action.name, action.writes(params), incidentId);
    for (const [index, mutation] of intended.entries()) {
      if (mutation.state !== 'intended') continue;
      await action.apply(mutation, aws, id, params);
      await kb.incidents.setMutationState(incidentId, attempt.attempt, index, 'applied', now());
    }
  } catch (error) {
    await release();
    if (error instanceof ChangedMeanwhile) return changedMeanwhile(work, error);
    throw error;
  }
  await kb.incidents.updateAttempt(incidentId, attempt.attempt, { appliedAt: now() });
  await release();
  return applied(intended);
}

/** Another writer wins: nothing is done over it. What we had changed elsewhere is undone. */
async function changedMeanwhile(work: Work, { message }: ChangedMeanwhile): Promise<Answer> {
  const { context, attempt } = work;
  const { kb, incident, now } = context;
  const { mutations } =
    (await kb.incidents.attempts(incident.incidentId)).find(({ attempt: n }) => n === attempt.attempt) ?? attempt;
  const first = mutations.findIndex(({ state }) => state === 'intended');
  for (const [index, { state }] of mutations.entries())
    if (state === 'intended')
      await kb.incidents.setMutationState(
        incident.incidentId,
        attempt.attempt,
        index,
        index === first ? 'left-alone' : 'undone',
        now(),
      );
  await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, { judged: 'unknown', outcomeWhy: [message] });
  if (mutations.some(({ state }) => state === 'applied'))
    return { verdict: 'undo', because: 'other-writer', why: [message] };
  return giveUp(work, 'other-writer', message);
}
