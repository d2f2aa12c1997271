/**
 * What a run of events says about the failure it ended in: how often each kind of event happened, how many happened that
 * should not have and how many did not that should have (as a model of normal sequences tells). A rare event decides often, a
 * sum sometimes: trees find either. Events that say by their name that something failed are summed apart.
 *
 * Counts are kept event by event. Differences from a normal sequence are summed by the component whose events they are:
 * normal runs differ from each other too, in some event or other, and only a component's sum stands out of that. Its failed
 * events are summed as well, so that one never seen before counts like those that were.
 */
export interface EventRun {
  /** Counts by event. */
  readonly counts: Counts;
  /** Counts of events beyond a normal sequence, and missing from it, by event. */
  readonly spurious?: Counts;
  readonly missing?: Counts;
}

type Counts = Readonly<Record<string, number>>;

const FAILED = /error|fail|exception|fault|timeout|(?<![0-9])[45][0-9]{2}(?![0-9])/i;

/** The component is what an event's name begins with: `nova` of `nova-compute_reboot`, `Volume` of `Volume.delete`. */
const COMPONENT = /^[^_@.:/\s-]*/;

/** Features by name, all of them counts: `count EVENT`, five sums by component (`NAME failed`), six over all. */
export function eventFeatures(run: EventRun): Record<string, number> {
  const { counts, spurious = {}, missing = {} } = run;
  return {
    ...named((event) => `count ${event}`, counts),
    ...byComponent({ counts, spurious, missing }),
    events: sum(counts),
    failedEvents: sum(failedOf(counts)),
    kinds: kinds(counts),
    failedKinds: kinds(failedOf(counts)),
    spuriousEvents: sum(spurious),
    missingEvents: sum(missing),
  };
}

function byComponent({ counts, spurious, missing }: Required<EventRun>): Record<string, number> {
  const components = [...new Set([counts, spurious, missing].flatMap((some) => Object.keys(some).map(componentOf)))];
  const sums = components.map((name) => {
    const own = (some: Counts) => only(some, (event) => componentOf(event) === name);
    const others = only(own(counts), (event) => !FAILED.test(event));
    return named((what) => `${name} ${what}`, {
      failed: sum(failedOf(own(counts))),
      other: sum(others),
      kinds: kinds(others),
      spurious: sum(own(spurious)),
      missing: sum(own(missing)),
    });
  });
  return Object.assign({}, ...sums) as Record<string, number>;
}

const componentOf = (event: string): string => COMPONENT.exec(event)?.[0] ?? '';

const failedOf = (counts: Counts): Counts => only(counts, (event) => FAILED.test(event));

const only = (counts: Counts, wanted: (event: string) => boolean): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([event]) => wanted(event)));

const named = (name: (key: string) => string, counts: Counts): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([key, count]) => [name(key), count]));

const sum = (counts: Counts): number => Object.values(counts).reduce((total, count) => total + count, 0);

const kinds = (counts: Counts): number => Object.values(counts).filter((count) => count > 0).length;
