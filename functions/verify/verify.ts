import type { Criterion } from '../../layers/core/criterion.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { byPeople, describeChange, otherWriters } from '../../layers/core/other-writer.ts';
import { criteriaOf, type Resource } from '../../layers/core/inventory.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import { epoch } from '../../layers/core/points.ts';
import { isSlow } from '../../layers/core/watched-series.ts';
import { LEASE_MARGIN, type Policy } from '../../layers/core/policy.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { addSeconds, minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { lookAt, type Look } from '../../layers/runtime/observe/look.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { lookAtSpoken, lookEarly } from '../detect/early/look.ts';
import { lookAtFollowed } from '../detect/early/sessions.ts';
import { criteriaThatRang, slack } from '../diagnose/support/facts.ts';
import { actionNamed } from '../recover/catalogue.ts';
import { differsFromOurs } from './differs.ts';
import { followedGone, PACE, signsGone, spokenGone, together } from './early-signs.ts';
import { judge, type Judgement, type Trial } from './judge.ts';

type Answer = Decided<Verdict<'Verify'>>;

/** Waits for an action to settle grow, so that a quick one is seen quickly and a slow one costs few calls. */
const settleWait = (looks: number): Seconds => Math.min(60, 5 + 5 * looks);

export async function verify(input: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const { incident, kb } = context;
  const [attempts, resource, evidence, signals] = await Promise.all([
    kb.incidents.attempts(incident.incidentId),
    kb.knowledge.resource(incident.resource),
    kb.incidents.evidence(incident.incidentId),
    kb.incidents.signals(incident.incidentId),
  ]);
  const attempt = attempts.find(({ attempt: n }) => n === input.attempt);
  // What is not watched cannot be judged, so that nothing of ours stays on it.
  const stands = attempt?.appliedAt !== undefined && attempt.judged === undefined;
  if (!resource)
    return {
      verdict: stands ? 'rollback' : 'again',
      why: [`${incident.resource} is no longer in the inventory`],
      looks: 0,
    };
  const signalled = criteriaThatRang(signals, resource);
  const subject: Subject = { input, context, policy, resource, signalled, ...(evidence ? { evidence } : {}) };
  // An attempt that was judged a failure is over: what is looked at now is whether the resource is well anyhow.
  if (!attempt?.appliedAt || (attempt.judged !== undefined && attempt.judged !== 'recovered'))
    return verifyUntouched(subject);
  return verifyAttempt(subject, attempt, attempt.appliedAt);
}

interface Subject {
  readonly input: StepInput;
  readonly context: StepContext;
  readonly policy: Policy;
  readonly resource: Resource;
  readonly evidence?: Evidence;
  readonly signalled: ReadonlySet<string>;
}

/** Nothing was tried: is it well? */
async function verifyUntouched(subject: Subject): Promise<Answer> {
  const { input, context, policy, resource, signalled } = subject;
  const { incident, kb } = context;
  const now = context.now();
  const slowest = Math.max(60, ...criteriaOf(resource).map(({ period }) => period));
  const since = addSeconds(now, -(policy.goodPoints + 1) * slowest);
  const look = await takeLook(subject, [resource], addSeconds(incident.onset, -5 * slowest), now);
  const trial: Trial = {
    onset: incident.onset,
    appliedAt: since,
    settledAt: since,
    helpsBy: since,
    deadline: addSeconds(now, minutes(10)),
    look: input.looks + 1,
    signalled,
  };
  const judged = judge(look, trial, policy);
  if (judged.kind === 'settling') return settling(judged, input);
  if (judged.kind === 'failed') {
    if (incident.foldedInto) await kb.incidents.update(incident.incidentId, { foldedInto: null });
    return { verdict: 'again', why: ['it is not well, and nothing was tried', ...judged.why], looks: 0, attempt: 0 };
  }
  const cure = incident.foldedInto ? undefined : await curedBy(subject);
  const cause = incident.foldedInto
    ? `its cause was seen to in incident ${incident.foldedInto}`
    : (cure ?? 'nothing was done');
  const by = cure === undefined ? 'itself' : 'person';
  const ending = { kind: 'recovered', by, why: [cause, ...judged.why].join('; ') } as const;
  await kb.incidents.update(incident.incidentId, { ending, seenSignals: incident.signalCount });
  return { verdict: 'recovered', why: [cause, ...judged.why], looks: 0 };
}

/** What someone else changed since the onset, where nothing of ours was tried: it is theirs that it is well. */
async function curedBy({ context, resource, evidence }: Subject): Promise<string | undefined> {
  const { incident, kb, now } = context;
  if ((await kb.incidents.attempts(incident.incidentId)).some(({ mutations }) => mutations.length > 0))
    return undefined;
  const arns = [resource.arn, ...resource.parameters.map(({ arn }) => arn)];
  const since = addSeconds(incident.onset, evidence ? slack(evidence) : 60);
  const changes = await Promise.all(arns.map((arn) => kb.knowledge.changes(arn, since, now())));
  const cure = byPeople(otherWriters(changes.flat(), arns, since, []));
  return cure && `someone else saw to it: ${describeChange(cure)}`;
}

async function verifyAttempt(subject: Subject, attempt: Attempt, appliedAt: Instant): Promise<Answer> {
  const { input, context, policy, resource, evidence, signalled } = subject;
  const { incident, kb } = context;
  const action = actionNamed(attempt.candidate.action);
  const now = context.now();
  await kb.control
    .renew(incident.incidentId, attempt.leased, addSeconds(now, action.settles.atMost + LEASE_MARGIN))
    .catch(() => undefined);

  const settled = attempt.settledAt ?? (await settle(subject, attempt, appliedAt));
  if (typeof settled !== 'string') return settled;
  const from = addSeconds(earlier(incident.onset, attempt.startedAt), -minutes(5));
  const neighbours = (evidence?.resources ?? []).filter(({ arn }) => arn !== resource.arn);
  const look = await takeLook(subject, [resource, ...neighbours], from, now);
  const others = await changedByOthers(subject, attempt, look);
  if (others.length > 0) return otherWriter(subject, attempt, others);
  const slowest = Math.max(60, ...criteriaOf(resource).map(({ period }) => period));
  const deadline = addSeconds(settled, action.settles.atMost + (policy.goodPoints + 2) * slowest);
  const judged = judge(
    look,
    {
      onset: incident.onset,
      appliedAt,
      settledAt: settled,
      helpsBy: addSeconds(appliedAt, action.settles.typical),
      deadline,
      look: input.looks + 1,
      signalled,
    },
    policy,
  );
  return answer(subject, attempt, await withEarlySigns(subject, judged, { appliedAt, settledAt: settled, deadline }));
}

/** A point counts once it is a whole period old, and the first of them begins after the action settled. */
const POINTS_LATE = 3;

/** What was foretold, odd without any limit, or news in a log must be gone, too. */
async function withEarlySigns(
  { input, context, policy, resource }: Subject,
  judged: Judgement,
  {
    appliedAt,
    settledAt,
    deadline,
  }: { readonly appliedAt: Instant; readonly settledAt: Instant; readonly deadline: Instant },
): Promise<Judgement> {
  if (judged.kind !== 'recovered') return judged;
  const now = context.now();
  const signals = await context.kb.incidents.signals(context.incident.incidentId);
  const aws = await readerAws(resource.arn);
  const [early, spoken, followed] = await Promise.all([
    lookEarly(signals, resource, now, aws),
    lookAtSpoken(signals, addSeconds(settledAt, -PACE), now, aws),
    lookAtFollowed(signals, settledAt, now, aws),
  ]);
  // What runs out over days cannot show within minutes what was done about it: Watch tells of it again while it lasts.
  const looks = early.filter(({ series }) => !isSlow(series));
  if (looks.length + spoken.length + followed.length === 0) return judged;
  const acted = { appliedAt: epoch(appliedAt), settledAt: epoch(settledAt), goodPoints: policy.goodPoints };
  const gone = together([
    signsGone(looks, acted),
    ...(spoken.length > 0 ? [spokenGone(spoken, acted, epoch(now))] : []),
    followedGone(followed),
  ]);
  const why = [...gone.why, ...judged.why];
  if (gone.kind === 'gone') return { ...judged, why };
  const slowest = Math.max(0, ...looks.map(({ series }) => series.period));
  const measured = addSeconds(settledAt, (policy.goodPoints + POINTS_LATE) * slowest);
  if (now < (deadline > measured ? deadline : measured) && input.looks + 1 < policy.maxLooks)
    return {
      kind: 'settling',
      why,
      again: Math.ceil(Math.max(10, Math.min(Math.max(minutes(5), 2 * slowest), gone.again))),
    };
  return { kind: 'failed', outcome: gone.kind === 'still' ? 'unchanged' : 'unknown', why: ['time is up', ...why] };
}

const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);

/** Asks the action itself whether its change has come to rest; when it has, the time is kept. */
async function settle(
  { input, context, resource }: Subject,
  attempt: Attempt,
  appliedAt: Instant,
): Promise<Instant | Answer> {
  const { incident, kb } = context;
  const action = actionNamed(attempt.candidate.action);
  const params = action.params.parse(attempt.candidate.params);
  const now = context.now();
  const state = await action.settled(
    params,
    await readerAws(resource.arn),
    attempt.mutations.filter((one) => one.state === 'applied'),
  );
  if (state === 'yes') {
    await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, { settledAt: now });
    return now;
  }
  const waited = Math.round(secondsBetween(appliedAt, now));
  if (state === 'not-yet' && waited < action.settles.atMost)
    return {
      verdict: 'settling',
      why: [`${action.name} has not settled after ${waited} s, it may take ${action.settles.atMost} s`],
      waitSeconds: settleWait(input.looks),
      looks: input.looks + 1,
    };
  const why = [
    state === 'failed'
      ? `${action.name} failed to settle`
      : `${action.name} did not settle within ${action.settles.atMost} s`,
  ];
  await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, { judged: 'unchanged', outcomeWhy: why });
  return { verdict: 'rollback', why, looks: 0 };
}

/** The resource's criteria, and those of its neighbours as guards. */
async function takeLook(
  { context, resource }: Subject,
  resources: readonly Resource[],
  from: Instant,
  now: Instant,
): Promise<Look> {
  const neighbours: Criterion[] = resources.slice(1).flatMap((one) =>
    criteriaOf(one)
      .filter(({ role }) => role === 'target')
      .map((criterion) => ({ ...criterion, role: 'guard' as const })),
  );
  return lookAt(
    resource,
    [...criteriaOf(resource), ...neighbours],
    from,
    now,
    await readerAws(context.incident.resource),
  );
}

async function changedByOthers({ context, evidence }: Subject, attempt: Attempt, look: Look): Promise<string[]> {
  const { incident, kb, now } = context;
  const since = addSeconds(incident.onset, evidence ? slack(evidence) : 60);
  const changes = await Promise.all(attempt.leased.map((arn) => kb.knowledge.changes(arn, since, now())));
  const ours = (await kb.incidents.attempts(incident.incidentId)).flatMap(({ mutations }) => mutations);
  const recorded = otherWriters(changes.flat(), attempt.leased, since, ours).map(describeChange);
  return [...recorded, ...differsFromOurs(attempt.mutations, look.service)];
}

/** Another writer wins: no further candidate, and nothing is undone over it. What we changed elsewhere is undone. */
async function otherWriter({ context }: Subject, attempt: Attempt, others: readonly string[]): Promise<Answer> {
  const { incident, kb } = context;
  const why = ['someone else changed it meanwhile, so that nothing more is done to it', ...others];
  await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, { judged: 'unknown', outcomeWhy: why });
  await kb.incidents.update(incident.incidentId, {
    ending: { kind: 'escalated', because: 'other-writer', why: why.join('; ') },
    seenSignals: incident.signalCount,
  });
  const elsewhere = new Set(attempt.mutations.map(({ resource }) => resource)).size > 1;
  return { verdict: elsewhere ? 'rollback' : 'escalate', because: 'other-writer', why, looks: 0 };
}

async function answer({ input, context }: Subject, attempt: Attempt, judged: Judgement): Promise<Answer> {
  const { incident, kb } = context;
  if (judged.kind === 'settling') return settling(judged, input);
  const outcomeWhy = [...judged.why];
  if (judged.kind === 'failed') {
    await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, { judged: judged.outcome, outcomeWhy });
    // It may have been good before, and a signal that joined brought it back here.
    if (incident.ending) await kb.incidents.update(incident.incidentId, { ending: null });
    return {
      verdict: 'rollback',
      why: [`${attempt.candidate.action} did not help: ${judged.outcome}`, ...outcomeWhy],
      looks: 0,
    };
  }
  // What got well by itself teaches nothing about the action.
  await kb.incidents.updateAttempt(incident.incidentId, attempt.attempt, {
    judged: judged.byItself ? 'unknown' : 'recovered',
    byItself: judged.byItself,
    outcomeWhy,
  });
  const ending = judged.byItself
    ? ({ kind: 'recovered', by: 'itself', why: outcomeWhy.join('; ') } as const)
    : ({ kind: 'recovered', by: 'action', action: attempt.candidate.action, why: outcomeWhy.join('; ') } as const);
  await kb.incidents.update(incident.incidentId, { ending, seenSignals: incident.signalCount });
  return { verdict: 'recovered', why: outcomeWhy, looks: 0 };
}

const settling = ({ why, again }: Extract<Judgement, { kind: 'settling' }>, { looks }: StepInput): Answer => ({
  verdict: 'settling',
  why,
  waitSeconds: again,
  looks: looks + 1,
});
