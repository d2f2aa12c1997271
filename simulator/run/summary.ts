import type { Ratio, Seconds } from '../../layers/core/units.ts';
import { HEALED, WINDOW, type Episode } from './episode.ts';
import type { Violation } from './invariants.ts';

/** Over the same faults. */
interface Suffered {
  /** From a fault's entry to its end; one that outlasts the window counts as the window (restricted mean time). */
  readonly meanSecondsIll: Seconds;
  readonly medianSecondsIll: Seconds;
  /** Of faults that end within the window. */
  readonly endedInWindow: Ratio;
  readonly availability: Ratio;
}

/** Shares of first choices that heal, over the healable faults for which a plan was made. */
interface Learning {
  readonly from: number;
  readonly to: number;
  readonly plans: number;
  readonly learned: Ratio;
  readonly fixed: Ratio;
  readonly oracle: Ratio;
}

/** What a run came to. */
export interface Summary {
  readonly faults: number;
  readonly incidents: number;
  readonly endings: Readonly<Record<string, number>>;
  readonly byFault: Readonly<Record<string, Readonly<Record<'of' | 'healed' | 'named' | 'firstRight', number>>>>;
  /** Of the faults that an action can heal. */
  readonly healed: Ratio;
  readonly healedBy: Readonly<Record<string, number>>;
  readonly attemptsPerHeal: number;
  /** Medians from a fault's entry to its first incident, and of healed ones to the first change. */
  readonly secondsToDetect: Seconds;
  readonly secondsToAct: Seconds;
  /** Changes on what was not the cause, or begun while nothing was wrong. */
  readonly wrongActions: number;
  readonly actionsInHealth: number;
  /** Changes of the cause that cannot heal it. */
  readonly actionsWithoutHelp: number;
  /** Over the faults that an action can heal. */
  readonly withHealing: Suffered;
  readonly withoutHealing: Suffered;
  /** Messages to people, and of how many incidents they were, by fault. */
  readonly told: Readonly<Record<string, { readonly messages: number; readonly incidents: number }>>;
  /** By windows; the last is of all. */
  readonly learning: readonly Learning[];
  readonly violations: number;
  readonly byInvariant: Readonly<Record<string, number>>;
}

/** An action's incident recovered, and the cause is gone. */
const isHealed = ({ ending, lasted }: Episode): boolean => ending === HEALED && lasted !== undefined;

/** Symptoms may go while the cause stays, and come back. */
const endingTold = (one: Episode): string =>
  one.ending === HEALED && !isHealed(one) ? `${HEALED}, its cause still there` : one.ending;

const defined = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined);

/** @param unhealed the same episodes with nobody healing, in the same order */
export function summaryOf(
  episodes: readonly Episode[],
  unhealed: readonly Episode[],
  violations: readonly Violation[],
): Summary {
  const healable = episodes.filter((one) => one.healable);
  const healed = healable.filter(isHealed);
  const total = (of: (one: Episode) => number) => episodes.reduce((sum, one) => sum + of(one), 0);
  return {
    faults: episodes.length,
    incidents: total(({ incidents }) => incidents),
    endings: counted(episodes.map(endingTold)),
    byFault: byFault(episodes),
    healed: healed.length / Math.max(1, healable.length),
    healedBy: counted(healed.map(({ healedBy = 'nobody' }) => healedBy)),
    secondsToDetect: quantile(defined(episodes.map(({ detected }) => detected)), 0.5),
    secondsToAct: quantile(defined(healed.map(({ acted }) => acted)), 0.5),
    attemptsPerHeal: mean(healed.map(({ attempts }) => attempts)),
    wrongActions: total(({ elsewhere, inHealth }) => elsewhere.length + inHealth.length),
    actionsInHealth: total(({ inHealth }) => inHealth.length),
    actionsWithoutHelp: total(({ noHelp }) => noHelp.length),
    withHealing: suffered(healable),
    withoutHealing: suffered(unhealed.filter((one) => one.healable)),
    told: toldByFault(episodes),
    learning: learningOf(episodes),
    violations: violations.length,
    byInvariant: counted(violations.map(({ invariant }) => invariant)),
  };
}

function suffered(episodes: readonly Episode[]): Suffered {
  const ill = episodes.map(({ lasted }) => Math.min(WINDOW, lasted ?? WINDOW));
  return {
    meanSecondsIll: mean(ill),
    medianSecondsIll: quantile(ill, 0.5),
    endedInWindow: mean(ill.map((time) => (time < WINDOW ? 1 : 0))),
    availability: mean(episodes.map(({ availability }) => availability)),
  };
}

const WINDOWS = 10;

/** In windows of equally many faults, and at the end over all. */
function learningOf(episodes: readonly Episode[]): Learning[] {
  const size = Math.max(1, Math.ceil(episodes.length / WINDOWS));
  const windows = Array.from({ length: Math.ceil(episodes.length / size) }, (_, window) => window * size);
  return [...windows.map((start) => [start, start + size]), [0, episodes.length]].map(([start = 0, end]) => {
    const some = episodes.slice(start, end);
    const choices = some.flatMap((one) => (one.healable ? (one.firstChoice ?? []) : []));
    const share = (who: 'learned' | 'fixed' | 'oracle') => mean(choices.map((choice) => (choice[who] ? 1 : 0)));
    const [from, to] = [start + 1, start + some.length];
    return {
      from,
      to,
      plans: choices.length,
      learned: share('learned'),
      fixed: share('fixed'),
      oracle: share('oracle'),
    };
  });
}

const toldByFault = (episodes: readonly Episode[]): Summary['told'] =>
  Object.fromEntries(
    Object.entries(Object.groupBy(episodes, ({ fault }) => fault))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([fault, all = []]) => [
        fault,
        {
          messages: all.reduce((sum, { told }) => sum + told, 0),
          incidents: all.reduce((sum, { incidents }) => sum + incidents, 0),
        },
      ]),
  );

const byFault = (episodes: readonly Episode[]): Summary['byFault'] =>
  Object.fromEntries(
    Object.entries(Object.groupBy(episodes, ({ fault }) => fault))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([fault, all = []]) => [
        fault,
        {
          of: all.length,
          healed: all.filter(isHealed).length,
          named: all.filter(({ isNamed }) => isNamed).length,
          firstRight: all.filter(({ firstChoice }) => firstChoice?.learned === true).length,
        },
      ]),
  );

/** The value of that rank; 0 where there is none. */
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? 0;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** How often each name comes, the most frequent first. */
export const counted = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(names, (name) => name))
      .map(([name, all = []]): [string, number] => [name, all.length])
      .sort(([, a], [, b]) => b - a),
  );

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
const lines = (counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts).map(([name, n]) => `  ${String(n).padStart(5)}  ${name}`);

export function table(summary: Summary): string {
  const { withHealing, withoutHealing } = summary;
  const row = (what: string, of: (one: Suffered) => string) =>
    `  ${what.padEnd(34)} ${of(withHealing).padStart(10)} ${of(withoutHealing).padStart(10)}`;
  return [
    `faults ${summary.faults}, incidents ${summary.incidents}; each fault's main incident ended`,
    ...lines(summary.endings),
    `healed by an action, of those that one can heal: ${percent(summary.healed)}; attempts a heal ${summary.attemptsPerHeal.toFixed(2)}`,
    `median time to the first incident ${Math.round(summary.secondsToDetect)} s, to the first change of what was healed ${Math.round(summary.secondsToAct)} s`,
    ...lines(summary.healedBy),
    `wrong actions ${summary.wrongActions}, of them in healthy time ${summary.actionsInHealth}; changes of the cause that could not help ${summary.actionsWithoutHelp}`,
    `people told ${Object.values(summary.told).reduce((sum, { messages }) => sum + messages, 0)} times`,
    `broken invariants ${summary.violations}`,
    ...lines(summary.byInvariant),
    '',
    `  ${'faults that an action can heal'.padEnd(34)} ${'healing'.padStart(10)} ${'nobody'.padStart(10)}`,
    row(`median time ill, at most ${WINDOW / 60} min`, ({ medianSecondsIll }) => `${Math.round(medianSecondsIll)} s`),
    row(`mean time ill, at most ${WINDOW / 60} min`, ({ meanSecondsIll }) => `${Math.round(meanSecondsIll)} s`),
    row(`over within ${WINDOW / 60} min`, ({ endedInWindow }) => percent(endedInWindow)),
    row('availability of the ill', ({ availability }) => percent(availability)),
    '',
    'first choice heals    plans  learned    fixed   oracle',
    ...summary.learning.map(
      ({ from, to, plans, learned, fixed, oracle }) =>
        `  faults ${`${from}-${to}`.padEnd(12)} ${String(plans).padStart(5)} ${[learned, fixed, oracle].map((share) => percent(share).padStart(8)).join(' ')}`,
    ),
    '',
    `${'fault'.padEnd(22)} of  healed  named  first choice right  incidents  people told`,
    ...Object.entries(summary.byFault).map(([fault, { of, healed, named, firstRight }]) => {
      const { incidents = 0, messages = 0 } = summary.told[fault] ?? {};
      return `${fault.padEnd(22)} ${String(of).padStart(3)} ${String(healed).padStart(6)} ${String(named).padStart(6)} ${String(firstRight).padStart(6)} ${String(incidents).padStart(24)} ${String(messages).padStart(11)}`;
    }),
  ].join('\n');
}
