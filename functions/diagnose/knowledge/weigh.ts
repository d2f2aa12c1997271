import { shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Diagnosis, Hypothesis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Cause, Known, LabelSource, Neighbour } from '../../../layers/core/experience.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { percent, type Ratio } from '../../../layers/core/units.ts';

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
 * Neighbours vote for their confirmed fault, each with the square of its similarity times the trust in its label
 * (distance-weighted nearest neighbours, Dudani 1976). The more votes, the more they count: V votes move a hypothesis by
 * the power V / (V + 1) of the bound, up where all of them are for it, down where all are for others. `unknown` is left
 * alone: neighbours say nothing of causes that nobody knows. Afterwards confidences add up to 1 again.
 */
export function weigh(diagnosis: Diagnosis, evidence: Evidence): Diagnosis {
  const { known } = evidence;
  if (!known) return diagnosis;
  const votes = votesOf(known.neighbours);
  const total = [...votes.values()].reduce((sum, vote) => sum + vote, 0);
  const strength = total / (total + 1);
  const weighed = [
    ...diagnosis.hypotheses.map((hypothesis) => {
      const byVotes = total > 0 ? raise(hypothesis, votes, total, strength, known) : hypothesis;
      return raiseByCause(byVotes, evidence, known.causes);
    }),
    ...added(diagnosis, evidence, known, votes, total, strength),
  ];
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

const voteOf = ({ similarity, label }: Neighbour): number => similarity ** 2 * TRUST[label.by];

function votesOf(neighbours: readonly Neighbour[]): Map<Fault, number> {
  const votes = new Map<Fault, number>();
  for (const neighbour of neighbours) {
    const vote = voteOf(neighbour);
    if (vote > 0 && neighbour.label.fault !== 'unknown')
      votes.set(neighbour.label.fault, (votes.get(neighbour.label.fault) ?? 0) + vote);
  }
  return votes;
}

function raise(
  hypothesis: Hypothesis,
  votes: ReadonlyMap<Fault, number>,
  total: number,
  strength: Ratio,
  { neighbours }: Known,
): Hypothesis {
  if (hypothesis.fault === 'unknown') return hypothesis;
  const share = (votes.get(hypothesis.fault) ?? 0) / total;
  const factor = BOUND ** (strength * (2 * share - 1));
  if (Math.abs(factor - 1) < 0.01) return hypothesis;
  const voters = neighbours.filter((one) => voteOf(one) > 0);
  const named = voters.filter(({ label }) => (label.fault === hypothesis.fault) === factor > 1);
  const why =
    factor > 1
      ? `Weighed up ${factor.toFixed(2)} times: of ${voters.length} earlier incidents that look like this and were confirmed, ${named.length} were this (${told(named)}).`
      : `Weighed down ${factor.toFixed(2)} times: earlier incidents that look like this were something else (${told(named)}).`;
  return { ...hypothesis, confidence: hypothesis.confidence * factor, because: [...hypothesis.because, why] };
}

/** `01J… on prod/api, 92 % alike, bad-deployment by a person, healed by rollback-deployment`, at most three. */
function told(neighbours: readonly Neighbour[]): string {
  return neighbours
    .slice(0, 3)
    .map(({ incidentId, resource, similarity, label, tried }) => {
      const cure = tried.find(({ outcome }) => outcome === 'recovered');
      const who = { person: 'says a person', healing: 'as its healing showed', diagnosis: 'not confirmed' }[label.by];
      return `${incidentId} on ${shortName(resource)}, ${percent(similarity)} alike: ${label.fault}, ${who}${cure ? `, healed by ${cure.action}` : ''}`;
    })
    .join('; ');
}

/** Faults that the evidence named nowhere, and past incidents do. */
function added(
  { hypotheses }: Diagnosis,
  evidence: Evidence,
  { neighbours }: Known,
  votes: ReadonlyMap<Fault, number>,
  total: number,
  strength: Ratio,
): Hypothesis[] {
  return [...votes].flatMap(([fault, vote]): Hypothesis[] => {
    if (hypotheses.some((one) => one.fault === fault)) return [];
    const named = neighbours.filter((one) => voteOf(one) > 0 && one.label.fault === fault);
    const [first] = named;
    const root = first && rootHere(first, evidence);
    if (root === undefined) return [];
    const confidence = ADDED * strength * (vote / total);
    const why = `Nothing in the evidence alone speaks for it; earlier incidents that look like this were it (${told(named)}).`;
    return confidence > 0.01 ? [{ resource: root, fault, confidence, because: [why] }] : [];
  });
}

/** Where a neighbour's fault would be in this incident: on the resource itself if it was there, or on the very same root. */
function rootHere({ label, resource }: Neighbour, { resource: own, resources }: Evidence): Arn | undefined {
  if (label.root === resource) return own;
  return resources.some(({ arn }) => arn === label.root) ? label.root : undefined;
}

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
