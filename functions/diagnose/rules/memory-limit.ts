import { defineRule } from '../../../layers/core/rule.ts';
import { isOutOfMemory } from '../../../layers/core/stops.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, failedTasks, livesOf, serviceState, spoken } from '../support/facts.ts';
import { memoryTrend } from '../support/memory.ts';

const SOON = minutes(2);

export const rule = defineRule({
  name: 'memory-limit',
  fault: 'memory-limit',
  summary: 'Every task runs out of memory soon after its start, without a rise while it runs.',
  find(evidence) {
    const starved = failedTasks(evidence).filter(isOutOfMemory);
    const lives = livesOf(starved, evidence);
    const soon = lives.filter((life) => life < SOON).length;
    if (starved.length < 2 || soon < 2 || soon < lives.length) return [];
    const trend = memoryTrend(evidence);
    const limit = serviceState(evidence)?.memory;
    const because = [
      `${starved.length} tasks ran out of memory, those that began in the trouble within ${spoken(Math.max(...lives))} of their start` +
        (limit === undefined ? '.' : ` (limit ${limit} MiB).`),
      ...(trend ? ['Against it: memory was seen to rise steadily.'] : []),
    ];
    return [{ resource: evidence.resource, weight: atMost(trend ? 0.3 : 0.8), because }];
  },
});
