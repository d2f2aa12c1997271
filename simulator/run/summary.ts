import type { Ratio, Seconds } from '../../layers/core/units.ts';
import type { Episode } from './episode.ts';
import type { Violation } from './invariants.ts';

/** What a run came to. */
export interface Summary {
  readonly faults: number;
  readonly incidents: number;
  readonly endings: Readonly<Record<string, number>>;
  readonly byFault: Readonly<
    Record<
      string,
      { readonly of: number; readonly healed: number; readonly named: number; readonly firstRight: number }
    >
  >;
  /** Of the faults that an action can heal. */
  readonly healed: Ratio;
  readonly attemptsPerHeal: number;
  /** Changes made to what was not ill, or when it was well again. */
  readonly wrongActions: number;
  readonly meanSecondsToRecover: Seconds;
  readonly availability: Ratio;
  readonly violations: number;
  readonly byInvariant: Readonly<Record<string, number>>;
}

export function summaryOf(episodes: readonly Episode[], violations: readonly Violation[]): Summary {
  const healable = episodes.filter((one) => one.healable);
  const healed = healable.filter((one) => one.ending === 'recovered by action');
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    faults: episodes.length,
    incidents: episodes.reduce((sum, one) => sum + one.incidents, 0),
    endings: counted(episodes.map(({ ending }) => ending)),
    byFault: Object.fromEntries(
      Object.entries(Object.groupBy(episodes, ({ fault }) => fault))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([fault, all = []]) => [
          fault,
          {
            of: all.length,
            healed: all.filter(({ ending }) => ending === 'recovered by action').length,
            named: all.filter(({ diagnosed }) => diagnosed === fault).length,
            firstRight: all.filter(({ firstRight }) => firstRight === true).length,
          },
        ]),
    ),
    healed: healed.length / Math.max(1, healable.length),
    attemptsPerHeal: mean(healed.map(({ attempts }) => attempts)),
    wrongActions: episodes.reduce((sum, { wrong }) => sum + wrong.length, 0),
    meanSecondsToRecover: mean(healed.flatMap(({ lasted }) => lasted ?? [])),
    availability: mean(episodes.map(({ availability }) => availability)),
    violations: violations.length,
    byInvariant: counted(violations.map(({ invariant }) => invariant)),
  };
}

const counted = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(names, (name) => name))
      .map(([name, all = []]): [string, number] => [name, all.length])
      .sort(([, a], [, b]) => b - a),
  );

export function table(summary: Summary): string {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  return [
    `faults ${summary.faults}, incidents ${summary.incidents}`,
    ...Object.entries(summary.endings).map(([name, n]) => `  ${String(n).padStart(5)}  ${name}`),
    `healed by an action, of those that one can heal: ${percent(summary.healed)}; attempts a heal ${summary.attemptsPerHeal.toFixed(2)}`,
    `mean time to recover ${Math.round(summary.meanSecondsToRecover)} s; availability ${percent(summary.availability)}`,
    `wrong actions ${summary.wrongActions}; broken invariants ${summary.violations}`,
    ...Object.entries(summary.byInvariant).map(([name, n]) => `  ${String(n).padStart(5)}  ${name}`),
    '',
    `${'fault'.padEnd(22)} of  healed  named  first choice right`,
    ...Object.entries(summary.byFault).map(
      ([fault, { of, healed, named, firstRight }]) =>
        `${fault.padEnd(22)} ${String(of).padStart(3)} ${String(healed).padStart(6)} ${String(named).padStart(6)} ${String(firstRight).padStart(6)}`,
    ),
  ].join('\n');
}
