import type { Flapping, Incident } from '../../layers/core/incident.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { isPredicted, isTrouble, type Signal } from '../../layers/core/signal.ts';
import { addSeconds, hours, type Instant } from '../../layers/core/units.ts';

/** The last incidents of a resource that are looked back on. */
export const PAST = 10;

/** The incidents of before, newest first, that were over within the window before anything was done. */
export function passed(past: readonly Incident[], now: Instant, { flapWindow, flapTimes }: Policy): Incident[] {
  const since = addSeconds(now, -flapWindow);
  return past.filter((one) => one.openedAt >= since && passedByItself(one)).slice(0, flapTimes);
}

/** What only waited for its cause, or was only foretold, did not come and go. */
function passedByItself({ ending, foldedInto, predicted }: Incident): boolean {
  if (foldedInto !== undefined || predicted) return false;
  return ending?.kind === 'noise' || (ending?.kind === 'recovered' && ending.by === 'itself');
}

/**
 * Whether a resource's trouble comes and goes: so often within the window that it is one story, which a person is told of once.
 * Pure. It never makes anything be done that would not be done otherwise. What was unusual and nothing else was no trouble.
 * @param before the signals of each of `passed`
 * @param past all incidents of before, for who was told
 */
export function flappingOf(
  signals: readonly Signal[],
  before: readonly (readonly Signal[])[],
  past: readonly Incident[],
  now: Instant,
  { flapTimes, flapWindow }: Policy,
): Omit<Flapping, 'away'> | undefined {
  if (isPredicted(signals)) return undefined;
  const all = [signals, ...before].filter((of) => !of.every(({ kind }) => kind === 'anomaly'));
  const times = all.reduce((sum, of) => sum + timesOf(of), 0);
  if (times < flapTimes) return undefined;
  const dated = all.flat().map(({ at }) => at);
  const since = dated.sort()[0] ?? now;
  const from = addSeconds(now, -flapWindow);
  const told = past.find(({ openedAt, flapping, toldAt }) => openedAt >= from && flapping && toldAt !== undefined);
  return { times, since, ...(told ? { toldIn: told.incidentId } : {}) };
}

/** Once, or as often as one of its alarms went to ALARM. */
function timesOf(signals: readonly Signal[]): number {
  const rang = signals.flatMap((one) => (one.kind === 'alarm' && isTrouble(one) ? one.alarm : []));
  return Math.max(1, ...[...Map.groupBy(rang, (alarm) => alarm).values()].map(({ length }) => length));
}

export const sayFlapping = ({ times, since, toldIn }: Omit<Flapping, 'away'>, { flapWindow }: Policy): string =>
  `it flaps: the trouble has come and gone ${times} times since ${since}, within ${flapWindow / hours(1)} h${toldIn ? `; a person was told in incident ${toldIn}` : ''}`;
