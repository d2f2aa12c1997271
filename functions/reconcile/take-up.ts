import type { Ending } from '../../layers/core/incident.ts';
import type { Mode } from '../../layers/core/mode.ts';
import { minutes, secondsBetween, type Instant } from '../../layers/core/units.ts';

/** How things stand now for a resource whose incident ended while the trouble went on. */
export interface Standing {
  readonly now: Instant;
  readonly closedAt: Instant;
  readonly mode: Mode;
  readonly leverEngaged: boolean;
  readonly brakeEngaged: boolean;
}

/** What was put off for a time is looked at again after it. */
const RESTED = minutes(30);

/**
 * Whether the reason for which an incident was left alone is gone, so that its trouble is taken up again; the answer
 * says what changed. An incident that a person has (escalated for anything but the brake) is never taken up by itself:
 * a new transition of its alarm, after the resource was well, or a person, opens the next one.
 */
export function takenUpBecause(ending: Ending, standing: Standing): string | undefined {
  if (ending.kind === 'escalated') {
    return ending.because === 'brake' && !standing.brakeEngaged ? 'the storm brake was released' : undefined;
  }
  if (ending.kind !== 'suppressed') return undefined;
  switch (ending.because) {
    case 'lever':
      return standing.leverEngaged ? undefined : 'the healing lever was released';
    case 'observe':
    case 'suggest':
      return standing.mode === 'approve' || standing.mode === 'heal' ? `its mode is ${standing.mode} now` : undefined;
    case 'cooldown':
    case 'mute-rule':
      return secondsBetween(standing.closedAt, standing.now) >= RESTED
        ? `${RESTED / 60} minutes have passed`
        : undefined;
  }
}
