import { shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import { targetsOf, type Resource } from '../../../layers/core/inventory.ts';
import { readingOf, slots } from '../../../layers/core/points.ts';
import { isFailingStop } from '../../../layers/core/stops.ts';
import { addSeconds, minutes, type Seconds } from '../../../layers/core/units.ts';
import { newTrouble, target } from './facts.ts';
import { linesOf } from './said.ts';

/** What is known of something that the resource calls, since the trouble began. */
export interface Callee {
  readonly arn: Arn;
  readonly incident: string | undefined;
  readonly badPeriods: number;
  readonly failedTasks: number;
  /** True when its own metrics show it well since the onset, so that a log that names it is wrong about the cause. */
  readonly isWell: boolean;
  /** The resource's new trouble that names it, the most frequent first; none where what names the others is known to be wrong. */
  readonly named: readonly LogTemplate[];
  /** Share of the resource's new troubled lines that name it. */
  readonly share: number;
}

/** Good periods after the onset that prove a callee well. */
const PROOF = 2;

/** @param caller default: the incident's resource */
export function callees(evidence: Evidence, caller = target(evidence)): Callee[] {
  const trouble = newTrouble(evidence, caller.arn);
  const all = caller.dependsOn
    .flatMap((arn) => evidence.resources.find((one) => one.arn === arn) ?? [])
    .map((resource): Callee => {
      const incident = evidence.openIncidents[resource.arn];
      const { bad, good } = periods(resource, evidence);
      const failedTasks = failed(resource.arn, evidence);
      const named = trouble.filter(({ example, template }) =>
        names(`${example} ${template}`, resource.arn, caller.arn),
      );
      return {
        arn: resource.arn,
        incident,
        badPeriods: bad,
        failedTasks,
        isWell: !incident && bad === 0 && failedTasks === 0 && good >= PROOF,
        named,
        share: shareOf(named, trouble),
      };
    });
  return accusesTheWell(all) ? all.map((one) => (one.isWell ? one : { ...one, named: [], share: 0 })) : all;
}

/**
 * Lines that name what is well are wrong about the cause; where they are as many as those that name the others, nothing speaks
 * for these being right. What all that is called seems to have in common is then the caller: a setting of its own, or its network.
 */
function accusesTheWell(all: readonly Callee[]): boolean {
  const linesNaming = (some: readonly Callee[]) => linesOf([...new Set(some.flatMap(({ named }) => named))]);
  const wrong = linesNaming(all.filter(({ isWell }) => isWell));
  return wrong > 0 && wrong >= linesNaming(all.filter(({ isWell }) => !isWell));
}

/** Most of the new troubled lines. */
const MOST = 0.7;

export interface Blamed extends Pick<Callee, 'named' | 'share'> {
  readonly arns: readonly Arn[];
}

/**
 * What most of the new troubled lines name, but for what is known to be well: then the trouble is hardly the resource's
 * own. It may be several at once: what they call themselves has failed.
 */
export function blamed(evidence: Evidence): Blamed | undefined {
  const unwell = callees(evidence).filter(({ isWell, named }) => !isWell && named.length > 0);
  const trouble = newTrouble(evidence);
  const named = trouble.filter((template) => unwell.some((callee) => callee.named.includes(template)));
  const share = shareOf(named, trouble);
  return share >= MOST ? { arns: unwell.map(({ arn }) => arn), named, share } : undefined;
}

const shareOf = (some: readonly LogTemplate[], all: readonly LogTemplate[]): number =>
  all.length === 0 ? 0 : linesOf(some) / linesOf(all);

/** So long before the onset what is called may have become bad that caused it. */
const BEFORE: Seconds = minutes(2);

/**
 * How many periods the metric that shows most of them was bad in, and was good in. What was bad before the onset and good
 * again by then is over, and caused nothing that began later.
 */
function periods(resource: Resource, evidence: Evidence): { bad: number; good: number } {
  const onset = Date.parse(evidence.window.onset) / 1000;
  const counts = targetsOf(resource).map((criterion) => {
    const from = addSeconds(evidence.window.onset, -BEFORE);
    const all = slots(readingOf(criterion, evidence.series), from, evidence.window.to);
    const over = all.findLastIndex(({ at, state }) => at < onset && state === 'good');
    return {
      bad: all.slice(over + 1).filter(({ state }) => state === 'bad').length,
      good: all.filter(({ at, state }) => at >= onset && state === 'good').length,
    };
  });
  return { bad: Math.max(0, ...counts.map(({ bad }) => bad)), good: Math.max(0, ...counts.map(({ good }) => good)) };
}

const failed = (arn: Arn, { stoppedTasks, window }: Evidence): number =>
  stoppedTasks.filter(
    (task) => task.resource === arn && task.stoppedAt >= addSeconds(window.onset, -minutes(5)) && isFailingStop(task),
  ).length;

const words = (arn: Arn): string[] =>
  shortName(arn)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2 && !/^\d+$/.test(word));

/** Logs call a neighbour by the words of its name that are not in the resource's own. */
function names(text: string, neighbour: Arn, resource: Arn): boolean {
  const own = new Set(words(resource));
  const said = new Set(text.toLowerCase().split(/[^a-z0-9]+/));
  return words(neighbour).some((word) => !own.has(word) && said.has(word));
}
