import { isBad, type Criterion } from './criterion.ts';
import type { Series } from './evidence.ts';
import type { Instant, Seconds } from './units.ts';

/** What one period of a criterion shows. `quiet`: too few requests to judge by. `none`: no data (yet). */
export type SlotState = 'good' | 'bad' | 'quiet' | 'none';

export interface Slot {
  /** Start of the period, seconds since the epoch. */
  readonly at: Seconds;
  readonly state: SlotState;
  readonly value?: number;
}

/** A criterion with what was read for it. `traffic` is absent where the criterion names none. */
export interface Reading {
  readonly criterion: Criterion;
  readonly values: ReadonlyMap<Seconds, number>;
  readonly traffic?: ReadonlyMap<Seconds, number>;
  /** Set where it could not be read at all: that says nothing, not even that there was no traffic. */
  readonly unread?: true;
}

/** A series that holds the traffic of a criterion is named after it. */
export const trafficOf = (criterionId: string): string => `${criterionId}#traffic`;

/** Puts a criterion's series, as evidence holds them, together again. */
export function readingOf(criterion: Criterion, series: readonly Series[]): Reading {
  const find = (id: string) =>
    series.find((one) => one.resource === criterion.resource && one.criterion === id)?.points;
  const points = find(criterion.id);
  return {
    criterion,
    values: new Map(points ?? []),
    ...(criterion.traffic ? { traffic: new Map(find(trafficOf(criterion.id)) ?? []) } : {}),
    ...(points ? {} : { unread: true }),
  };
}

export const epoch = (at: Instant): Seconds => Date.parse(at) / 1000;

/**
 * The whole periods between two instants, oldest first. A period counts only when all of it lies in between, so that
 * nothing from before an action is read as its effect.
 *
 * A missing value is good only where its alarm says so (`notBreaching`) and requests were served in that period: a load
 * balancer publishes no count of errors when there are none. Where missing data means bad, a period is bad once it is
 * older than two periods and can no longer be late.
 */
export function slots({ criterion, values, traffic }: Reading, from: Instant, to: Instant): Slot[] {
  const { period } = criterion;
  const first = Math.ceil(epoch(from) / period) * period;
  const end = epoch(to);
  const count = Math.max(0, Math.floor((end - first) / period));
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * period;
    const value = values.get(at);
    const enough = traffic === undefined || (traffic.get(at) ?? 0) >= criterion.trafficFloor;
    if (value !== undefined) return { at, value, state: isBad(criterion, value) ? 'bad' : enough ? 'good' : 'quiet' };
    return { at, state: missing(criterion, traffic?.get(at), end - at) };
  });
}

function missing(criterion: Criterion, requests: number | undefined, age: Seconds): SlotState {
  if (criterion.missing === 'breaching') return age > 3 * criterion.period ? 'bad' : 'none';
  if (criterion.traffic === undefined) return 'none';
  if (requests === undefined) return age > 3 * criterion.period ? 'quiet' : 'none';
  if (requests < criterion.trafficFloor) return 'quiet';
  return criterion.missing === 'notBreaching' ? 'good' : 'none';
}

/** How the newest judged periods look: the state and how many in a row have it. Quiet periods neither count nor break a row. */
export interface Run {
  readonly state: 'good' | 'bad' | 'quiet' | 'none';
  readonly length: number;
  readonly last?: Slot;
}

/** @param series oldest first. Periods without data at the end are not known yet; in between they end the row. */
export function trailingRun(series: readonly Slot[]): Run {
  const known = series.slice(0, series.findLastIndex(({ state }) => state !== 'none') + 1);
  const last = known.findLast(({ state }) => state === 'good' || state === 'bad');
  if (!last) return { state: known.length > 0 ? 'quiet' : 'none', length: known.length };
  let length = 0;
  for (const slot of known.toReversed()) {
    if (slot.state === 'quiet') continue;
    if (slot.state !== last.state) break;
    length += 1;
  }
  return { state: last.state as 'good' | 'bad', length, last };
}
