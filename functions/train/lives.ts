/** Which stretches of resources' lives are learned from. Pure. */
import type { Arn } from '../../layers/core/arn.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { hours, type Seconds } from '../../layers/core/units.ts';
import { HORIZON, ROW } from '../detect/failure/view.ts';
import { AFTERMATH, type Trouble } from './troubles.ts';

/** A stretch of the life of a resource: rows from `from` to `to`, seconds since the epoch. */
export interface Stretch {
  readonly arn: Arn;
  readonly from: Seconds;
  readonly to: Seconds;
  /** It failed at its end. */
  readonly failed: boolean;
  readonly weight: number;
}

/** So much of a life before a failure is learned from. */
export const SPAN: Seconds = hours(12);
/** Each takes up to ten metrics of GetMetricData: these bounds are what a training costs. */
const FAILURES_AT_MOST = 60;
const HEALTHY_AT_MOST = 120;

/**
 * Before each failure, the newest ones; after each, because what was just healed looks unusual, too; and a sample of all the
 * healthy time, which stands for all of it.
 * @param since from when on troubles are known
 */
export function stretchesOf(
  troubles: ReadonlyMap<Arn, readonly Trouble[]>,
  since: Seconds,
  now: Seconds,
  seed: number,
): Stretch[] {
  const all = [...troubles].flatMap(([arn, ofOne]) => ofOne.map((trouble) => ({ arn, trouble, ofOne })));
  const failures = all
    .filter(({ trouble: { failed, from } }) => failed && from >= since)
    .sort((a, b) => b.trouble.from - a.trouble.from)
    .slice(0, FAILURES_AT_MOST);
  return [
    ...failures.flatMap(({ arn, trouble, ofOne }) => [
      ...before(arn, trouble, ofOne),
      ...after(arn, trouble, ofOne, now),
    ]),
    ...healthy(troubles, since, now, seed),
  ];
}

function before(arn: Arn, { from: end }: Trouble, ofOne: readonly Trouble[]): Stretch[] {
  const free = Math.max(...ofOne.filter(({ from }) => from < end).map(({ until }) => until + AFTERMATH), end - SPAN);
  return end - free < ROW ? [] : [{ arn, from: free, to: end, failed: true, weight: (end - free) / SPAN }];
}

function after(arn: Arn, { from: failedAt, until }: Trouble, ofOne: readonly Trouble[], now: Seconds): Stretch[] {
  const from = until + AFTERMATH;
  const next = Math.min(...ofOne.filter((one) => one.from > failedAt).map((one) => one.from), now);
  const to = Math.min(from + SPAN + HORIZON, next - ROW);
  return to - from <= HORIZON + ROW ? [] : [{ arn, from, to, failed: false, weight: (to - from - HORIZON) / SPAN }];
}

function healthy(
  troubles: ReadonlyMap<Arn, readonly Trouble[]>,
  since: Seconds,
  now: Seconds,
  seed: number,
): Stretch[] {
  const random = seeded(seed);
  const arns = [...troubles.keys()];
  const room = now - since - SPAN - HORIZON;
  const all = (arns.length * (now - since)) / SPAN;
  const count = room > 0 ? Math.min(HEALTHY_AT_MOST, Math.floor(all)) : 0;
  return Array.from({ length: count }, () => {
    const arn = arns[Math.floor(random() * arns.length)]!;
    const from = since + random() * room;
    return { arn, from, to: from + SPAN + HORIZON, failed: false, weight: all / count };
  }).filter(({ arn, from, to }) => troubles.get(arn)!.every((one) => one.until + AFTERMATH < from || one.from > to));
}
