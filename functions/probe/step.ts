import type { Arn } from '../../layers/core/arn.ts';
import type { Probe, Reached } from '../../layers/core/probe.ts';
import { minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { ProbeState } from '../../layers/runtime/kb/knowledge.ts';

/**
 * How long after trouble results are still published. Verify asks for good points after an action; of a probe that is well,
 * nothing is published, which costs nothing.
 */
export const PUBLISHED_AFTER: Seconds = minutes(60);

/** What one result of a probe means. */
export interface Stepped {
  /** What is to be remembered; absent where what is remembered will do. */
  readonly keep?: ProbeState;
  /** News: it fails since, or it is answered again. */
  readonly news?: 'failed' | 'ok';
  /** To be published: 1 failed, 0 answered. */
  readonly point?: 0 | 1;
}

/**
 * Steps a probe by one result. Pure. A probe that was never answered says nothing about the resource: its address may be
 * wrong, or out of reach. So it tells nothing, and what it failed with is kept to be shown.
 * @param starting whether something of the resource was started within the probe's grace: a failure then does not count
 */
export function step(
  resource: Arn,
  probe: Probe,
  known: ProbeState | undefined,
  reached: Reached,
  now: Instant,
  starting: boolean,
): Stepped {
  const { id, target, retries } = probe;
  const was = known?.target === target ? known : undefined; // another target is another probe
  const keep = { arn: resource, id, target, version: (known?.version ?? 0) + 1 };
  if (reached.ok) return stepAnswered(was, { ...keep, answered: true, failures: 0, told: false }, now);
  const { failure, why } = reached;
  if (!was?.answered)
    return was?.why === why ? {} : { keep: { ...keep, answered: false, failures: 0, told: false, why } };
  if (starting || failure === 'refused') return {};
  if (was.told) return { point: 1 };
  const failures = was.failures + 1;
  const told = failures >= retries;
  const next = { ...keep, answered: true, failures, since: was.since ?? now, told, failure, why };
  return { keep: next, point: 1, ...(told ? { news: 'failed' } : {}) };
}

function stepAnswered(was: ProbeState | undefined, well: ProbeState, now: Instant): Stepped {
  if (!was?.answered) return { keep: well };
  if (was.failures > 0) return { keep: { ...well, wellSince: now }, point: 0, ...(was.told ? { news: 'ok' } : {}) };
  const lately = was.wellSince !== undefined && secondsBetween(was.wellSince, now) < PUBLISHED_AFTER;
  return lately ? { point: 0 } : {};
}
