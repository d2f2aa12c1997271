/**
 * What a run of events says about the failure it ended in: how often each kind of event happened, how many happened that
 * should not have and how many did not that should have (as a model of normal sequences tells), and their sums. A rare event
 * decides often, a sum sometimes: trees find either. Events that say by their name that something failed are summed apart.
 */
export interface EventRun {
  /** Counts by event. */
  readonly counts: Readonly<Record<string, number>>;
  /** Counts of events beyond a normal sequence, and missing from it, by event. */
  readonly spurious?: Readonly<Record<string, number>>;
  readonly missing?: Readonly<Record<string, number>>;
}

const FAILED = /error|fail|exception|fault|timeout|(?<![0-9])[45][0-9]{2}(?![0-9])/i;

/** Features by name: `count X`, `spurious X`, `missing X`, and six sums. All are counts. */
export function eventFeatures({ counts, spurious = {}, missing = {} }: EventRun): Record<string, number> {
  const named = (word: string, found: Readonly<Record<string, number>>) =>
    Object.entries(found).map(([event, count]) => [`${word} ${event}`, count] as const);
  const failed = Object.entries(counts).filter(([event]) => FAILED.test(event));
  return {
    ...Object.fromEntries([...named('count', counts), ...named('spurious', spurious), ...named('missing', missing)]),
    events: sum(Object.values(counts)),
    failedEvents: sum(failed.map(([, count]) => count)),
    kinds: Object.values(counts).filter((count) => count > 0).length,
    failedKinds: failed.filter(([, count]) => count > 0).length,
    spuriousEvents: sum(Object.values(spurious)),
    missingEvents: sum(Object.values(missing)),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
