import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { readingOf, slots } from '../../../layers/core/points.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { isFailingStop } from '../../../layers/core/stops.ts';
import { addSeconds, minutes } from '../../../layers/core/units.ts';
import { atMost, failedTasks, newTrouble, target } from '../support/facts.ts';

/** Periods in which a neighbour was bad since shortly before the onset. */
function badPeriods({ alarms, own }: Resource, evidence: Evidence): number {
  const from = addSeconds(evidence.window.onset, -minutes(2));
  return [...alarms.flatMap(({ criteria }) => criteria), ...own]
    .filter(({ role }) => role === 'target')
    .map(
      (criterion) =>
        slots(readingOf(criterion, evidence.series), from, evidence.window.to).filter(({ state }) => state === 'bad')
          .length,
    )
    .reduce((most, bad) => Math.max(most, bad), 0);
}

const words = (arn: string): string[] =>
  shortName(arn)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2);

/** What the logs would call a neighbour: the words of its name that are not in the resource's own. */
function namedIn(text: string, neighbour: string, resource: string): boolean {
  const own = new Set(words(resource));
  const said = new Set(text.toLowerCase().split(/[^a-z0-9]+/));
  const telling = words(neighbour).filter((word) => !own.has(word) && !/^\d+$/.test(word));
  return telling.some((word) => said.has(word));
}

export const rule = defineRule({
  name: 'dependency-failure',
  fault: 'dependency-failure',
  summary: 'Something that it calls is in trouble, and it is well itself.',
  find(evidence) {
    const neighbours = target(evidence).dependsOn.flatMap(
      (arn) => evidence.resources.find((one) => one.arn === arn) ?? [],
    );
    const crashes = failedTasks(evidence).length;
    const findings = neighbours.flatMap((neighbour) => {
      const because: string[] = [];
      let weight = 0;
      const incident = evidence.openIncidents[neighbour.arn];
      if (incident) {
        weight += 0.55;
        because.push(`${shortName(neighbour.arn)}, which it calls, has the open incident ${incident}.`);
      }
      const bad = badPeriods(neighbour, evidence);
      const failed = evidence.stoppedTasks.filter(
        (task) =>
          task.resource === neighbour.arn &&
          task.stoppedAt >= addSeconds(evidence.window.onset, -minutes(5)) &&
          isFailingStop(task),
      ).length;
      if (bad > 0 || failed > 0) {
        weight += 0.35;
        because.push(`${shortName(neighbour.arn)} was bad in ${bad} periods and lost ${failed} tasks since the onset.`);
      }
      const named = newTrouble(evidence).find(({ example, template }) =>
        namedIn(`${example} ${template}`, neighbour.arn, evidence.resource),
      );
      if (named) {
        weight += weight > 0 ? 0.15 : 0.3;
        because.push(
          `Its own log names ${shortName(neighbour.arn)}: "${named.template}" (${named.after} times since, ${named.before} before).`,
        );
      }
      if (weight === 0) return [];
      if (crashes > 1) {
        weight -= 0.3;
        because.push(`Against it: ${crashes} of its own tasks failed.`);
      }
      return weight > 0 ? [{ resource: evidence.resource, weight: atMost(weight), because }] : [];
    });
    return findings.sort((a, b) => b.weight - a.weight).slice(0, 1);
  },
});
