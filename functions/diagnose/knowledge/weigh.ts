import { shortName, type Arn } from '../../../layers/core/arn.ts';
import { LONG_SHOT, type Diagnosis, type Hypothesis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Cause, Known, LabelSource, Neighbour } from '../../../layers/core/experience.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { percent, type Ratio } from '../../../layers/core/units.ts';
import { isForetoldByPast } from '../support/foretold.ts';

/** Past incidents at most double or halve what the evidence of this one gives a hypothesis. */
const BOUND = 2;
/**
 * A fault that only past incidents name is worth at most this, where all hypotheses of the evidence are worth 1: so that a
 * person who corrects the same trouble three times is believed rather than a rule that is nearly sure, and once is not.
 */
const ADDED: Ratio = 0.7;
/** Learned causes raise what they speak for by at most this. */
const CAUSE_BOUND = 1.5;
/**
 * What a neighbour's label counts. An action that healed may heal other faults as well. A diagnosis that nobody confirmed
 * counts nothing: Diagnose would only agree with itself.
 */
const TRUST: Readonly<Record<LabelSource, Ratio>> = { person: 1, healing: 0.5, diagnosis: 0 };

/**
 * Lets what was learned from earlier incidents weigh in, within bounds and with its reason. Pure.
 *
 * Neighbours vote for their confirmed fault where it was, each with the square of its similarity times the trust in its label
 * (distance-weighted nearest neighbours, Dudani 1976). The more votes, the more they count: V votes move a hypothesis by
 * the power V / (V + 1) of the bound, up where all of them are for it, down where all are for others. `unknown` is left
 * alone: neighbours say nothing of causes that nobody knows. Afterwards confidences add up to 1 again.
 */
export function weigh(diagnosis: Diagnosis, evidence: Evidence): Diagnosis {
  const { known } = evidence;
  if (!known) return diagnosis;
  const votes = votesOf(known, evidence);
  const raised = diagnosis.hypotheses.map((hypothesis) =>
    raiseByCause(raise(hypothesis, votes, evidence), evidence, known.causes),
  );
  const weighed = [...raised, ...added(raised, votes, evidence)];
  if (weighed.every((one, i) => one === diagnosis.hypotheses[i])) return diagnosis;
  return { ...diagnosis, hypotheses: normalised(weighed) };
}

/** Confidences that add up to 1, the highest first; ties by name, so that the order is always the same. */
export function normalised(hypotheses: readonly Hypothesis[]): Hypothesis[] {
  const sum = hypotheses.reduce((all, { confidence }) => all + confidence, 0);
  return hypotheses
    .map((one) => ({ ...one, confidence: sum > 0 ? one.confidence / sum : 1 / hypotheses.length }))
    .sort(
      (a, b) =>
        b.confidence - a.confidence ||
        (a.fault < b.fault ? -1 : a.fault > b.fault ? 1 : a.resource < b.resource ? -1 : 1),
    );
}

/** What one neighbour speaks for. */
interface Vote {
  readonly weight: number;
  readonly fault: Fault;
  /** Where its fault would be in this incident; undefined where that is nowhere near. */
  readonly root: Arn | undefined;
  readonly of: Neighbour;
}

const votesOf = ({ neighbours }: Known, evidence: Evidence): Vote[] =>
  neighbours
    .map((of) => ({
      weight: of.similarity ** 2 * TRUST[of.label.by],
      fault: of.label.fault,
      root: rootHere(of, evidence),
      of,
    }))
    .filter(({ weight, fault }) => weight > 0 && fault !== 'unknown');

/** On the resource itself if it was there, or on the very same root. */
function rootHere({ label, resource }: Neighbour, { resource: own, resources }: Evidence): Arn | undefined {
  if (label.root === resource) return own;
  return resources.some(({ arn }) => arn === label.root) ? label.root : undefined;
}

/** A fault of something else is, seen from here, a failure of what it depends on. */
function speaksFor({ fault, root }: Vote, hypothesis: Hypothesis, { resource: own }: Evidence): boolean {
  if (hypothesis.fault === 'dependency-failure') return fault === 'dependency-failure' || root !== own;
  return fault === hypothesis.fault && root === hypothesis.resource;
}

const weightOf = (votes: readonly Vote[]): number => votes.reduce((sum, { weight }) => sum + weight, 0);
const strengthOf = (votes: readonly Vote[]): Ratio => weightOf(votes) / (weightOf(votes) + 1);

function raise(hypothesis: Hypothesis, votes: readonly Vote[], evidence: Evidence): Hypothesis {
  if (hypothesis.fault === 'unknown' || votes.length === 0) return hypothesis;
  const [favour, against] = [true, false].map((side) =>
    votes.filter((vote) => speaksFor(vote, hypothesis, evidence) === side),
  ) as [Vote[], Vote[]];
  const factor = BOUND ** (strengthOf(votes) * (2 * (weightOf(favour) / weightOf(votes)) - 1));
  if (Math.abs(factor - 1) < 0.01) return hypothesis;
  const why =
    factor > 1
      ? `Weighed up ${factor.toFixed(2)} times: of ${votes.length} earlier incidents that look like this and were confirmed, ${favour.length} speak for it (${told(favour)}).`
      : `Weighed down ${factor.toFixed(2)} times: earlier incidents that look like this were something else (${told(against)}).`;
  return { ...hypothesis, confidence: hypothesis.confidence * factor, because: [...hypothesis.because, why] };
}

/** `01J… on prod/api, 92 % alike: bad-deployment of prod/store, says a person, healed by rollback-deployment`, at most three. */
function told(votes: readonly Vote[]): string {
  return votes
    .slice(0, 3)
    .map(({ of: { incidentId, resource, similarity, label, tried } }) => {
      const cure = tried.find(({ outcome }) => outcome === 'recovered');
      const who = { person: 'says a person', healing: 'as its healing showed', diagnosis: 'not confirmed' }[label.by];
      return `${incidentId} on ${shortName(resource)}, ${percent(similarity)} alike: ${label.fault}${label.root === resource ? '' : ` of ${shortName(label.root)}`}, ${who}${cure ? `, healed by ${cure.action}` : ''}`;
    })
    .join('; ');
}

/**
 * Faults that the evidence named nowhere, or elsewhere, and past incidents do. Where no person ever said so it stays a long shot:
 * that an action healed what looked like this is no sign of its fault by itself.
 */
function added(hypotheses: readonly Hypothesis[], votes: readonly Vote[], evidence: Evidence): Hypothesis[] {
  const isToldByPast = isForetoldByPast(evidence); // then the past is all the evidence there is
  const longShot = LONG_SHOT * hypotheses.reduce((sum, { confidence }) => sum + confidence, 0);
  const named = votes.flatMap(({ fault, root }) => (root !== undefined ? [{ fault, resource: root }] : []));
  const unheard = named
    .map((one) => (one.fault === 'dependency-failure' ? { ...one, resource: evidence.resource } : one))
    .filter((one, i, all) => all.findIndex((other) => isSame(one, other)) === i)
    .filter((one) => !hypotheses.some((known) => isSame(one, known)));
  return unheard.flatMap(({ fault, resource }): Hypothesis[] => {
    const hypothesis = { resource, fault, confidence: 0, because: [] };
    const favour = votes.filter((vote) => vote.fault === fault && speaksFor(vote, hypothesis, evidence));
    const most = isToldByPast || favour.some(({ of }) => of.label.by === 'person') ? ADDED : longShot;
    const confidence = Math.min(most, ADDED * strengthOf(votes) * (weightOf(favour) / weightOf(votes)));
    const why = `Nothing in the evidence alone speaks for it; earlier incidents that look like this were it (${told(favour)}).`;
    return confidence > 0.01 ? [{ ...hypothesis, confidence, because: [why] }] : [];
  });
}

const isSame = (a: Pick<Hypothesis, 'fault' | 'resource'>, b: Pick<Hypothesis, 'fault' | 'resource'>): boolean =>
  a.fault === b.fault && a.resource === b.resource;

/** A cause that was confirmed before is likelier again, where it is in trouble now. */
function raiseByCause(
  hypothesis: Hypothesis,
  { resource, openIncidents }: Evidence,
  causes: readonly Cause[],
): Hypothesis {
  const cause = causes.find(({ cause: arn }) =>
    hypothesis.resource === resource
      ? hypothesis.fault === 'dependency-failure' && openIncidents[arn] !== undefined
      : arn === hypothesis.resource,
  );
  if (!cause) return hypothesis;
  const { confirmed, denied } = cause;
  const factor = CAUSE_BOUND ** ((confirmed - denied) / (confirmed + denied + 1));
  if (Math.abs(factor - 1) < 0.01) return hypothesis;
  const why = `Weighed ${factor > 1 ? 'up' : 'down'} ${factor.toFixed(2)} times: ${shortName(cause.cause)} was confirmed as the cause of trouble of ${shortName(resource)} in ${confirmed} earlier incidents${denied > 0 ? ` and denied in ${denied}` : ''}.`;
  return { ...hypothesis, confidence: hypothesis.confidence * factor, because: [...hypothesis.because, why] };
}
