import { defineRule } from '../../../layers/core/rule.ts';
import { isOutOfMemory, lifeOf } from '../../../layers/core/stops.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, failedTasks, median, round, spoken } from '../support/facts.ts';
import { memoryBefore, memoryTrend } from '../support/memory.ts';

/** Per cent of the limit: a leak that has come no further leaves room for minutes. */
const ROOM = 60;
const HARDLY = 0.05;

export const rule = defineRule({
  name: 'memory-leak',
  fault: 'memory-leak',
  summary: 'Memory rises steadily while tasks run, until it is used up.',
  find(evidence) {
    const trend = memoryTrend(evidence);
    const starved = failedTasks(evidence).filter(isOutOfMemory);
    const half = median(starved.flatMap((task) => lifeOf(task) ?? []));
    const late = half !== undefined && half >= minutes(2);
    if (!trend && !late) return [];
    const because: string[] = [];
    let weight = 0;
    if (trend) {
      weight += trend.to >= 70 || starved.length > 0 ? 0.65 : 0.4;
      because.push(
        `Memory rose from ${round(trend.from)} % to ${round(trend.to)} % of the limit over ${trend.points} points, with hardly a pause.`,
      );
    }
    if (starved.length > 0) {
      weight += late && !trend ? 0.5 : 0.25;
      because.push(
        `${starved.length} tasks ran out of memory${half === undefined ? '' : `, half of them after ${spoken(half)} or later`}.`,
      );
    }
    const before = trend ? undefined : memoryBefore(evidence);
    if (before !== undefined && before < ROOM) {
      weight = Math.min(weight, HARDLY);
      because.push(`Against it: it used ${round(before)} % of its limit just before: nothing had filled it.`);
    }
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
