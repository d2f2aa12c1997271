import { shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Diagnosis, Hypothesis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { hasHappened, type Incident } from '../../../layers/core/incident.ts';
import { redact } from '../../../layers/core/redact.ts';
import {
  expectedOf,
  sayAfter,
  sayDaily,
  type Daily,
  type Expected,
  type Learned,
  type Order,
  type Sequence,
} from '../../../layers/core/sequence.ts';
import { isPredicted } from '../../../layers/core/signal.ts';
import { minutes, secondsBetween, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { isAfter, timeOfDay } from './coincidence.ts';

/** What is read of the order of troubles. */
export interface OrderMemory {
  readonly learnedSequences: () => Promise<Learned | undefined>;
  /** The last incidents of a resource, the newest first. */
  readonly incidents: (arn: Arn, limit: number) => Promise<readonly Incident[]>;
}

/** Enough to see what began within two hours. */
const INCIDENTS = 5;

/** Evidence with what came before it and what comes after it, as was learned. What cannot be read becomes a gap. */
export async function recallOrder(evidence: Evidence, memory: OrderMemory): Promise<Evidence> {
  try {
    const learned = await memory.learnedSequences();
    if (!learned) return evidence;
    const { resource, window } = evidence;
    const leading = learned.sequences.filter(({ next }) => next.resource === resource);
    const order: Order = {
      after: (await Promise.all(leading.map((sequence) => cameBefore(sequence, evidence, memory)))).flat(),
      before: learned.sequences.filter(({ first }) => first.resource === resource),
      daily: learned.daily.filter((daily) => daily.trouble.resource === resource && isAt(daily, window.onset)),
    };
    return Object.values(order).every((part) => part.length === 0) ? evidence : { ...evidence, order };
  } catch (error) {
    const gap = `what usually comes before and after it could not be read: ${redact(String(error))}`;
    return { ...evidence, gaps: [...evidence.gaps, gap] };
  }
}

/** The incident that a sequence begins with, where there was one in time: the first, as when it was learned. */
async function cameBefore(
  sequence: Sequence,
  { incidentId: own, window: { onset } }: Evidence,
  { incidents }: OrderMemory,
): Promise<Order['after']> {
  const { first, within } = sequence;
  const before = (await incidents(first.resource, INCIDENTS)).findLast(
    (one) =>
      one.incidentId !== own &&
      hasHappened(one) &&
      one.diagnosis?.hypotheses[0]?.fault === first.fault &&
      isAfter(secondsBetween(one.onset, onset), within),
  );
  return before ? [{ sequence, incidentId: before.incidentId, at: before.onset }] : [];
}

/** A job may be late. */
const LATE: Seconds = minutes(15);

function isAt({ from, to }: Daily, onset: Instant): boolean {
  const since = timeOfDay(Date.parse(onset) / 1000 - from + LATE);
  return since <= timeOfDay(to - from) + 2 * LATE;
}

/**
 * Lets a hypothesis say what it has followed before, and when it usually comes. Its weight stays: what came before is no evidence of
 * what is the matter now, and what was learned is by the word of earlier diagnoses. Pure.
 */
export function placed(diagnosis: Diagnosis, evidence: Evidence): Diagnosis {
  if (!evidence.order) return diagnosis;
  return { ...diagnosis, hypotheses: diagnosis.hypotheses.map((one) => withOrder(one, evidence, evidence.order!)) };
}

function withOrder(hypothesis: Hypothesis, { resource, window }: Evidence, { after, daily }: Order): Hypothesis {
  if (hypothesis.resource !== resource) return hypothesis;
  const followed = after.filter(({ sequence }) => sequence.next.fault === hypothesis.fault);
  const clocked = daily.filter(({ trouble }) => trouble.fault === hypothesis.fault);
  const said = [
    ...followed.map((one) => sayAfter(one, window.onset)),
    ...clocked.map((one) => `It comes by the clock, ${sayDaily(one)}: look at what ${shortName(resource)} does then.`),
  ];
  return said.length > 0 ? { ...hypothesis, because: [...hypothesis.because, ...said] } : hypothesis;
}

/** What is to be expected of others, by what was diagnosed: only what followed as often as not, and only while it can still come. Pure. */
export function expectedNext({ order, signals, resource, takenAt }: Evidence, diagnosis: Diagnosis): Expected[] {
  const [first] = diagnosis.hypotheses;
  if (!order || !first || first.resource !== resource || isPredicted(signals)) return [];
  return order.before
    .filter((sequence) => sequence.first.fault === first.fault && sequence.probability >= 0.5)
    .map((sequence) => expectedOf(sequence, diagnosis.onset))
    .filter(({ to }) => to > takenAt);
}
