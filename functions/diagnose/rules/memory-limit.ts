import type { Evidence } from '../../../layers/core/evidence.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import type { StoppedTask } from '../../../layers/core/signal.ts';
import { isOutOfMemory } from '../../../layers/core/stops.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, failedTasks, livesOf, round, serviceState, spoken } from '../support/facts.ts';
import { memoryBefore, memoryTrend } from '../support/memory.ts';

const SOON = minutes(2);
/** Per cent of the limit. */
const ROOM = 60;

/** The tasks that ran out had all just started: no leak is as fast as that. */
function atStart(starved: readonly StoppedTask[], evidence: Evidence): Omit<Finding, 'resource'> | undefined {
  const lives = livesOf(starved, evidence);
  const soon = lives.filter((life) => life < SOON).length;
  if (soon === 0 || soon < lives.length) return undefined;
  const trend = memoryTrend(evidence);
  const limit = serviceState(evidence)?.memory;
  const because = [
    `${starved.length} tasks ran out of memory, those that began in the trouble within ${spoken(Math.max(...lives))} of their start` +
      (limit === undefined ? '.' : ` (limit ${limit} MiB).`),
    ...(trend ? ['Against it: memory was seen to rise steadily.'] : []),
  ];
  return { weight: (trend ? 0.3 : 0.8) - (soon < 2 ? 0.3 : 0), because };
}

/** What had used little for long ran out at once: it needs more now than before. */
function allAtOnce(starved: readonly StoppedTask[], evidence: Evidence): Omit<Finding, 'resource'> | undefined {
  const before = memoryBefore(evidence);
  if (before === undefined || before >= ROOM || memoryTrend(evidence)) return undefined;
  const because = [`${starved.length} tasks ran out of memory at once, which had used ${round(before)} % just before.`];
  return { weight: starved.length > 1 ? 0.5 : 0.3, because };
}

export const rule = defineRule({
  name: 'memory-limit',
  fault: 'memory-limit',
  summary: 'Tasks run out of memory soon after their start or all at once, without a rise while they run.',
  find(evidence) {
    const starved = failedTasks(evidence).filter(isOutOfMemory);
    if (starved.length === 0) return [];
    const found = atStart(starved, evidence) ?? allAtOnce(starved, evidence);
    return found ? [{ ...found, weight: atMost(found.weight), resource: evidence.resource }] : [];
  },
});
