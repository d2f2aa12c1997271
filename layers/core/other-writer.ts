import { shortName, type Arn } from './arn.ts';
import type { Change } from './inventory.ts';
import type { RecordedMutation } from './mutation.ts';
import { secondsBetween, type Instant } from './units.ts';

/** Changes that somebody made, as against what follows from them by itself. */
const WRITES: readonly Change['kind'][] = [
  'deployment-started',
  'scaled',
  'task-stopped-by-hand',
  'parameter-written',
  'alias-moved',
  'code-updated',
  'configuration-updated',
  'other-write',
];

/** A native event does not say who caused it; one so close to a change of ours is taken as its echo. Seconds. */
const ECHO = { before: 10, after: 90 };

/**
 * What anyone else changed on the resources in hand (DESIGN, invariant 12), oldest first.
 * @param since the onset and its uncertainty: what came before may be the cause, what comes after is another writer
 * @param ours what this incident's attempts changed
 */
export function otherWriters(
  changes: readonly Change[],
  touched: readonly Arn[],
  since: Instant,
  ours: readonly RecordedMutation[],
): Change[] {
  return changes
    .filter(
      ({ resource, kind, at, incidentId }) =>
        !incidentId && at > since && touched.includes(resource) && WRITES.includes(kind),
    )
    .filter((change) => !ours.some((mutation) => isFollowed(change, mutation)))
    .filter((change) => change.by !== undefined || !ours.some((mutation) => isEcho(change, mutation)))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

const AUTOSCALER = /autoscaling/i;

/** A limit that we moved is followed by the autoscaler, in its own name and for as long as the limit stands. */
const isFollowed = ({ resource, kind, at, by }: Change, mutation: RecordedMutation): boolean =>
  mutation.field === 'minCapacity' &&
  kind === 'scaled' &&
  mutation.resource === resource &&
  by !== undefined &&
  AUTOSCALER.test(by) &&
  [mutation.at, ...(mutation.calls ?? [])].some((time) => at >= time);

/** What was never confirmed may have been carried out, so that an intent has an echo, too. */
function isEcho(change: Change, { resource, state, at, calls = [] }: RecordedMutation): boolean {
  if (change.resource !== resource) return false;
  const times = state === 'left-alone' ? calls : [...calls, at];
  return times.some((time) => {
    const later = secondsBetween(time, change.at);
    return later >= -ECHO.before && later <= ECHO.after;
  });
}

/** The last of these changes that a person, or a pipeline for one, may have meant as the cure: an autoscaler means none. */
export const byPeople = (changes: readonly Change[]): Change | undefined =>
  changes.findLast(({ kind, by }) => kind !== 'scaled' || (by !== undefined && !AUTOSCALER.test(by)));

/** `deployment-started to orders:8 on shop/orders at … by …`. */
export function describeChange({ kind, to, resource, at, by }: Change): string {
  const became = to === undefined ? '' : ` to ${to.replace(/^.*task-definition\//, '')}`;
  return `${kind}${became} on ${shortName(resource)} at ${at} by ${by ?? 'someone (the event does not say who)'}`;
}
