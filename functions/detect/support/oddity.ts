import { oddness, shareOf, type KeyCounts } from './rare-keys.ts';
import { kindOf, stepOf, transitionsOf, type Kind } from './session-kinds.ts';

/** In what way a session differs from usual ones (`Oddity` in layers/core/signal.ts), with templates or with what stands for them. */
export type OddityOf<Step> =
  | { readonly how: 'lacks'; readonly after: Step; readonly without: readonly Step[] }
  | { readonly how: 'repeats'; readonly again: readonly Step[] }
  | { readonly how: 'order'; readonly first: Step; readonly then: Step };

/** How often a message came is told apart up to here: an order of seventeen articles is no other kind than one of three. */
export const UP_TO = 2;
/** What more of the steps that a session lacks would be, nobody reads. */
const STEPS_AT_MOST = 5;

/** Kinds of session that are usual, with the part of the sessions that are of each. */
export type UsualKinds = readonly { readonly kind: Kind; readonly share: number }[];

/**
 * What a rare kind of session lacks, or does more often, beside the usual kind nearest to it that has all of its messages.
 * Undefined where there is none: it went another way, which is no sign that anything is wrong.
 */
export function oddKind(
  events: readonly number[],
  usual: UsualKinds,
  transitions: KeyCounts,
): OddityOf<number> | undefined {
  const own = kindOf(events, UP_TO);
  const near = usual
    .filter(({ kind }) => [...own.keys()].every((template) => kind.has(template)))
    .toSorted((a, b) => a.kind.size - b.kind.size || b.share - a.share);
  const same = near.filter(({ kind }) => kind.size === own.size);
  const again = [...own].flatMap(([template, times]) =>
    same.length > 0 && same.every(({ kind }) => (kind.get(template) ?? 0) < times) ? template : [],
  );
  if (again.length > 0) return { how: 'repeats', again: again.slice(0, STEPS_AT_MOST) };
  const [whole] = same.length > 0 ? [] : near;
  if (!whole) return undefined;
  const without = [...whole.kind.keys()].filter((template) => !own.has(template)).sort((a, b) => a - b);
  const after = branchOf([...own.keys()], without, transitions);
  return after === undefined ? undefined : { how: 'lacks', after, without: without.slice(0, STEPS_AT_MOST) };
}

/** From which of its messages sessions usually go on to one that is missing; the last where that is not known. */
function branchOf(own: readonly number[], missing: readonly number[], transitions: KeyCounts): number | undefined {
  const share = (from: number): number => Math.max(...missing.map((to) => shareOf(transitions, `${from}>${to}`)));
  return own.toReversed().toSorted((a, b) => share(b) - share(a))[0];
}

/** The step that sessions hardly ever take, the rarest there is; none of beginning or end, which counts tell more of. */
export function oddOrder(events: readonly number[], seen: KeyCounts, rare: number): OddityOf<number> | undefined {
  const steps = transitionsOf(events).flatMap((transition) => {
    const [first, then] = stepOf(transition);
    const share = shareOf(seen, transition);
    return first === undefined || then === undefined || oddness(share, rare) <= 0.5 ? [] : [{ first, then, share }];
  });
  const [rarest] = steps.toSorted((a, b) => a.share - b.share);
  return rarest && { how: 'order', first: rarest.first, then: rarest.then };
}

/** Whether a session is odd in this way. @param is whether what it said is a step */
export function isOddly<Step, Said>(
  oddity: OddityOf<Step>,
  said: readonly Said[],
  is: (said: Said, step: Step) => boolean,
): boolean {
  const times = (step: Step): number => said.filter((one) => is(one, step)).length;
  switch (oddity.how) {
    case 'lacks':
      return times(oddity.after) > 0 && oddity.without.every((step) => times(step) === 0);
    case 'repeats':
      return oddity.again.every((step) => times(step) >= UP_TO);
    case 'order':
      return said.some((one, i) => i > 0 && is(said[i - 1]!, oddity.first) && is(one, oddity.then));
  }
}

/** Whether a session came as far as to show it: it did all that those which are odd do. */
export function cameSoFar<Step, Said>(
  oddity: OddityOf<Step>,
  said: readonly Said[],
  is: (said: Said, step: Step) => boolean,
): boolean {
  const wanted = oddity.how === 'lacks' ? [oddity.after] : stepsOf(oddity);
  return wanted.every((step) => said.some((one) => is(one, step)));
}

/** The steps that an oddity names. */
export function stepsOf<Step>(oddity: OddityOf<Step>): readonly Step[] {
  if (oddity.how === 'lacks') return [oddity.after, ...oddity.without];
  return oddity.how === 'repeats' ? oddity.again : [oddity.first, oddity.then];
}

/** The same oddity, in other terms. */
export function renamedOddity<Step, Other>(oddity: OddityOf<Step>, rename: (step: Step) => Other): OddityOf<Other> {
  if (oddity.how === 'lacks') return { how: 'lacks', after: rename(oddity.after), without: oddity.without.map(rename) };
  if (oddity.how === 'repeats') return { how: 'repeats', again: oddity.again.map(rename) };
  return { how: 'order', first: rename(oddity.first), then: rename(oddity.then) };
}
