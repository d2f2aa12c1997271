import type { Incident } from '../../layers/core/incident.ts';
import { addSeconds, minutes, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { ForetoldFailure } from '../../layers/runtime/kb/knowledge.ts';

export type Fate = NonNullable<ForetoldFailure['fate']> | 'open';

/** An alarm takes so long to tell of what has happened. */
const TOLD_LATE: Seconds = minutes(15);

/**
 * What became of a failure that was foretold. `cut-short`: it was in trouble already, or something was done before it could
 * fail, so that nobody can know whether it would have come true. Pure.
 * @param incidents of the resource, in any order
 */
export function fateOf({ at, until }: ForetoldFailure, incidents: readonly Incident[], now: Instant): Fate {
  if (incidents.some(({ openedAt, closedAt }) => openedAt < at && (closedAt ?? now) >= at)) return 'cut-short';
  const since = incidents.filter(({ openedAt, onset }) => openedAt >= at && onset <= until);
  const happened = since.some(({ predicted, ending }) => predicted !== true && isReal(ending));
  if (happened) return 'came-true';
  if (since.some(({ attempts }) => attempts > 0)) return 'cut-short';
  return now > addSeconds(until, TOLD_LATE) ? 'did-not' : 'open';
}

/** Of one that is still open nobody knows yet whether it is noise. */
const isReal = (ending: Incident['ending']): boolean =>
  ending !== undefined && ending.kind !== 'noise' && !(ending.kind === 'suppressed' && ending.because === 'observe');
