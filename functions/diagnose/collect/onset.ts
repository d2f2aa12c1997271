import { slots, type Reading } from '../../../layers/core/points.ts';
import type { Signal, StoppedTask } from '../../../layers/core/signal.ts';
import { isFailingStop } from '../../../layers/core/stops.ts';
import { addSeconds, minutes, type Instant } from '../../../layers/core/units.ts';

/** Bad periods with no more good ones than this between them are one trouble. */
const BRIDGE = 2;
/** Trouble that ended longer than this before the first signal is another story. */
const BEFORE_SIGNAL = minutes(10);

/**
 * When the trouble began: an alarm tells of it a period or more late, so the first bad period of the trouble that the
 * signals speak of counts, or the first task that failed, whichever is earlier.
 */
export function onsetOf(
  signals: readonly Signal[],
  readings: readonly Reading[],
  stopped: readonly StoppedTask[],
  from: Instant,
  to: Instant,
): Instant {
  const first = signals.map(({ at }) => at).sort()[0] ?? to;
  const notBefore = addSeconds(first, -BEFORE_SIGNAL);
  const begun = readings
    .filter(({ criterion }) => criterion.role === 'target')
    .flatMap((reading) => beginning(reading, from, to) ?? [])
    .filter((at) => at >= notBefore || at === undefined);
  const failed = [
    ...stopped.filter(isFailingStop).map(({ stoppedAt }) => stoppedAt),
    ...signals.flatMap(stopOf),
  ].filter((at) => at >= notBefore);
  return [first, ...begun, ...failed].sort()[0] ?? first;
}

const stopOf = (signal: Signal): Instant[] => (signal.kind === 'task-stopped' ? [signal.stopped.stoppedAt] : []);

/** The start of the newest row of bad periods. */
function beginning(reading: Reading, from: Instant, to: Instant): Instant | undefined {
  const all = slots(reading, from, to);
  let start: number | undefined;
  let good = 0;
  for (const { at, state } of all.toReversed()) {
    if (state === 'bad') {
      start = at;
      good = 0;
    } else if (state === 'good') good += 1;
    if (start !== undefined && good > BRIDGE) break;
  }
  return start === undefined ? undefined : new Date(start * 1000).toISOString();
}
