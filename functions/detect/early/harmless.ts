import type { Carrier } from '../../../layers/core/signal.ts';

/** Metrics that count what a resource is asked to do. */
const ASKED = /^(?:RequestCount|Invocations|NumberOfMessagesSent|Consumed(?:Read|Write)CapacityUnits)$/;
/** Metrics that follow from how much that is. */
const FOLLOWS = /^(?:CPUUtilization|MemoryUtilization|ApproximateNumberOfMessagesVisible)$/;
/** Demand so many times the usual, or so small a part of it, is told however well it is served: a loop, or customers who cannot come. */
const FAR = 3;
/** Processor or memory so many times the usual without as much demand is told: a new release may well need somewhat more. */
const MORE = 2;
/** Answers that take so many times the usual are hardly slower. */
const HARDLY = 1.25;

/**
 * Whether nothing got worse by an anomaly: more or less is asked than ever, processor and memory rose no more than the demand
 * did or less than twofold, and everything else hardly. That is a good day, a quiet one, or a release that needs a little more,
 * unless health says otherwise. Nothing of it is worth an action, or a person's night. Pure.
 * @returns why, for a person; undefined where there is more to it
 */
export function harmless(carriers: readonly Carrier[]): string | undefined {
  const demand = Math.max(1, ...carriers.filter(({ series }) => ASKED.test(series)).map(riseOf));
  const isHarmless = ({ series, ...of }: Carrier): boolean => {
    if (ASKED.test(series)) return of.value <= FAR * of.usual.high && FAR * of.value >= of.usual.low;
    return riseOf(of) <= (FOLLOWS.test(series) ? Math.max(MORE, demand) : HARDLY);
  };
  if (!carriers.every(isHarmless)) return undefined;
  return demand > 1
    ? `it is asked ${demand.toFixed(1)} times what is usual, and nothing got worse by it`
    : 'it is unusual, and nothing got worse by it';
}

/** Times the upper end of what is usual; what lies below has not risen. */
const riseOf = ({ value, usual: { high } }: Pick<Carrier, 'value' | 'usual'>): number =>
  value <= high ? 1 : high > 0 ? value / high : Number.POSITIVE_INFINITY;
