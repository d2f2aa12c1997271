import type { Ending, EscalationCause } from './incident.ts';
import type { Signal } from './signal.ts';
import { addSeconds, minutes, type Instant } from './units.ts';

/** A person is at work, or has said no: nothing begins by itself before the resource is well. */
const WITH_A_PERSON: readonly EscalationCause[] = ['other-writer', 'approval-refused', 'approval-late', 'undo-failed'];
/** Alarms of one cause arrive over some minutes: until then a person was told of them, too. */
const OF_ONE_CAUSE = minutes(5);

/** Who speaks in a signal: the same alarm or probe, or the same kind of event, says nothing new by speaking again. */
export function voiceOf(signal: Signal): string {
  if (signal.kind === 'alarm') return signal.alarmArn;
  return signal.kind === 'probe' ? signal.probe : signal.kind;
}

/**
 * From when on a voice that was not heard before is news, although the last incident ended while its resource was not
 * well; undefined where nothing is, before the resource is well.
 */
export function newsFrom(ending: Ending, closedAt: Instant): Instant | undefined {
  if (ending.kind === 'escalated')
    return WITH_A_PERSON.includes(ending.because) ? undefined : addSeconds(closedAt, OF_ONE_CAUSE);
  const told = ending.kind === 'suppressed' && ending.because === 'suggest';
  return told ? addSeconds(closedAt, OF_ONE_CAUSE) : closedAt;
}
