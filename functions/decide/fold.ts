import { shortName, type Arn } from '../../layers/core/arn.ts';
import type { Diagnosis, Hypothesis } from '../../layers/core/diagnosis.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { Fault } from '../../layers/core/taxonomy.ts';
import { percent, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';

/** Faults that are found in the resource itself: when one of them is likely, the cause is not elsewhere. */
const ITS_OWN: readonly Fault[] = [
  'bad-deployment',
  'bad-configuration',
  'bad-function-version',
  'crash-loop',
  'memory-leak',
  'memory-limit',
  'connection-leak',
  'bad-task',
  'placement-failure',
];
/** Faults that look the same from here as a failure of something it calls. */
const COULD_BE_A_DEPENDENCY: readonly Fault[] = ['dependency-failure', 'unknown', 'deadlock', 'stale-connection'];

const LIKELY = 0.5;
const NEXT_LOOK: Seconds = 20;
/** The longer the cause has been open, the slower it moves: looked at again after this share of its age, at most `SLOWEST_LOOK`. */
const SHARE_OF_AGE = 0.05;
const SLOWEST_LOOK: Seconds = 300;
/** Looks to wait for the callee's own alarm: one by the minute rings three minutes after the caller's. */
const LOOKS_FOR_CALLEE = 14;
/** Looks to wait where a callee might be the cause. */
const LOOKS_OTHERWISE = 5;
/** Every so many looks the evidence is collected anew: what speaks for a callee may show only now. */
const LOOKS_AT_OLD_EVIDENCE = 2;

export type Folding =
  | { readonly kind: 'folded'; readonly into: Incident; readonly again: Seconds; readonly why: string }
  /** What it was folded into is closed. */
  | { readonly kind: 'unfolded'; readonly why: string }
  /** Its callee may open an incident yet. */
  | { readonly kind: 'expecting'; readonly again: Seconds; readonly why: string }
  /** The same, and the evidence is too old to wait on. */
  | { readonly kind: 'look-again'; readonly why: string }
  /** Something it calls is the cause, and nothing that may be done about it is in reach. */
  | { readonly kind: 'elsewhere'; readonly why: string }
  | { readonly kind: 'own' };

/**
 * Is the cause another incident's? So that a caller is not restarted for its callee.
 * @param callees what it depends on that is watched
 * @param open open incidents of these
 * @param into the incident at the end of what it was folded into, as it stands now
 * @param looks how often its callees have been looked at
 */
export function fold(
  incident: Incident,
  diagnosis: Diagnosis,
  callees: readonly Arn[],
  open: readonly Incident[],
  into: Incident | undefined,
  looks: number,
  now: Instant,
): Folding {
  if (into?.status === 'closed')
    return {
      kind: 'unfolded',
      why: `incident ${into.incidentId} on ${shortName(into.resource)}, its cause, is closed`,
    };
  const [first] = diagnosis.hypotheses;
  if (!first || (ITS_OWN.includes(first.fault) && first.confidence >= LIKELY)) return { kind: 'own' };
  const cause = open.filter((one) => absorbs(one, incident)).sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1))[0];
  if (cause) {
    const why = `it depends on ${shortName(cause.resource)}, whose incident ${cause.incidentId} is the likelier cause (here: ${first.fault}, ${percent(first.confidence)})`;
    return { kind: 'folded', into: cause, again: nextLook(cause, now), why };
  }
  // A callee that waits for this one is not waited for.
  if (open.some(({ foldedInto }) => foldedInto === incident.incidentId)) return { kind: 'own' };
  return expectation(first, callees, looks);
}

function expectation({ fault, because }: Hypothesis, callees: readonly Arn[], looks: number): Folding {
  const certain = fault === 'dependency-failure';
  if (callees.length === 0 || !COULD_BE_A_DEPENDENCY.includes(fault)) return { kind: 'own' };
  if (looks >= (certain ? LOOKS_FOR_CALLEE : LOOKS_OTHERWISE))
    return certain
      ? {
          kind: 'elsewhere',
          why: `what it calls fails, and has no incident that it could wait for: ${because.join(' ')}`,
        }
      : { kind: 'own' };
  const why = `${fault} may come from what it calls (${callees.map(shortName).join(', ')}): their alarms may come later`;
  return looks % (LOOKS_AT_OLD_EVIDENCE + 1) === LOOKS_AT_OLD_EVIDENCE
    ? { kind: 'look-again', why }
    : { kind: 'expecting', again: NEXT_LOOK, why };
}

const nextLook = ({ openedAt }: Incident, now: Instant): Seconds =>
  Math.round(Math.min(SLOWEST_LOOK, Math.max(NEXT_LOOK, SHARE_OF_AGE * secondsBetween(openedAt, now))));

/** Where two incidents could absorb each other, the older one stays the cause. What has not happened yet causes nothing. */
function absorbs(cause: Incident, incident: Incident): boolean {
  if (cause.predicted && !incident.predicted) return false;
  return cause.foldedInto !== incident.incidentId || cause.incidentId < incident.incidentId;
}
