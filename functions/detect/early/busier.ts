import type { Carrier } from '../../../layers/core/signal.ts';

/** Metrics that count what a resource is asked to do. */
const ASKED = /^(?:RequestCount|Invocations|NumberOfMessagesSent|Consumed(?:Read|Write)CapacityUnits)$/;
/** Metrics that follow from how much that is. */
const FOLLOWS = /^(?:CPUUtilization|MemoryUtilization|ApproximateNumberOfMessagesVisible)$/;
/** What is asked so many times more than ever is told, however well it is served: a loop that calls itself looks like this. */
const AT_MOST = 3;
/** Answers that take so many times the usual are hardly slower. */
const HARDLY = 1.25;

/**
 * Whether an anomaly is that more is asked than ever, and nothing else: processor and memory moved no more than the demand did,
 * and everything else hardly. That is a good day, unless health says otherwise. Pure.
 * @returns why, for a person; undefined where there is more to it
 */
export function onlyBusier(carriers: readonly Carrier[]): string | undefined {
  const demand = Math.max(0, ...carriers.filter(({ series }) => ASKED.test(series)).map(ratioOf));
  if (demand <= 1 || demand > AT_MOST) return undefined;
  const explained = carriers.every((one) =>
    ASKED.test(one.series) ? one.value >= one.usual.low : ratioOf(one) <= (FOLLOWS.test(one.series) ? demand : HARDLY),
  );
  return explained
    ? `it is asked ${demand.toFixed(1)} times what is usual, and nothing moved more than that`
    : undefined;
}

/** Times the upper end of what is usual; what lies below has not risen. */
const ratioOf = ({ value, usual: { high } }: Carrier): number =>
  value <= high ? 1 : high > 0 ? value / high : Number.POSITIVE_INFINITY;
