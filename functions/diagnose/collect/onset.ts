import type { Resource } from '../../../layers/core/inventory.ts';
import { slots, type Reading } from '../../../layers/core/points.ts';
import type { Signal, StoppedTask } from '../../../layers/core/signal.ts';
import { isFailingStop } from '../../../layers/core/stops.ts';
import { addSeconds, minutes, type Instant } from '../../../layers/core/units.ts';
import { criteriaThatRang, periodTold } from '../support/facts.ts';

/** Bad periods with no more good ones than this between them are one trouble. */
const BRIDGE = 2;
/** Trouble that ended longer than this before the first signal is another story. */
const BEFORE_SIGNAL = minutes(10);

interface Begun {
  readonly from: number;
  readonly to: number;
}

/**
 * When the trouble began. An alarm tells of it a period or more late, so the first bad period of the metrics that rang
 * counts, or the first task that failed, whichever is earlier. A period says only that it began within it: where a finer
 * metric says when within a coarser one's period, the finer is believed. What led to the first signal counts, not what
 * came after it: where few requests fail, bad periods and good ones take turns.
 */
export function onsetOf(
  signals: readonly Signal[],
  resource: Resource,
  readings: readonly Reading[],
  stopped: readonly StoppedTask[],
  from: Instant,
  to: Instant,
): Instant {
  const anomalies = signals.flatMap((signal): Begun[] => {
    const [at, period] = [Date.parse(signal.at) / 1000, periodTold(signal, resource)];
    return period > 0 ? [{ from: at, to: at + period }] : [];
  });
  const first = signals.map((signal) => addSeconds(signal.at, periodTold(signal, resource))).sort()[0] ?? to;
  const notBefore = addSeconds(signals.map(({ at }) => at).sort()[0] ?? to, -BEFORE_SIGNAL);
  const rang = criteriaThatRang(signals, resource);
  const rung = readings
    .filter(({ criterion }) => rang.has(criterion.id))
    .flatMap((reading) => beginning(reading, from, first) ?? beginning(reading, from, to) ?? [])
    .filter((begun) => instant(begun.from) >= notBefore);
  const periods = [...rung, ...anomalies];
  const failed = [...stopped.filter(isFailingStop).map(({ stoppedAt }) => stoppedAt), ...signals.flatMap(stopOf)]
    .filter((at) => at >= notBefore)
    .sort();
  // The latest it can have begun, by everything that is known; then the latest start of a period that reaches there.
  const latest = [first, ...periods.map((begun) => instant(begun.to)), ...failed.slice(0, 1)].sort()[0] ?? first;
  const starts = periods.map((begun) => instant(begun.from)).filter((start) => start <= latest);
  return starts.sort().at(-1) ?? latest;
}

const instant = (seconds: number): Instant => new Date(seconds * 1000).toISOString();

const stopOf = (signal: Signal): Instant[] => (signal.kind === 'task-stopped' ? [signal.stopped.stoppedAt] : []);

/** The first period of the newest row of bad ones. */
function beginning(reading: Reading, from: Instant, to: Instant): Begun | undefined {
  const { period } = reading.criterion;
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
  return start === undefined ? undefined : { from: start, to: start + period };
}
