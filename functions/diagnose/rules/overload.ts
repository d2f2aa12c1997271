import { anyOf, SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { addSeconds, minutes } from '../../../layers/core/units.ts';
import { around, atMost, changesBefore, failedTasks, load, ownSeries, round } from '../support/facts.ts';
import { logged, says, telling } from '../support/said.ts';

/** Where work waits for a connection, more work leaves none. */
const LOAD = anyOf(SPEAKS_OF.load, SPEAKS_OF.noneLeft);
const BUSY_CPU = 75;
/** Work that a processor hardly feels is no load, unless the program says what it lacks. */
const IDLE_CPU = 50;

export const rule = defineRule({
  name: 'overload',
  fault: 'overload',
  summary: 'More requests than the tasks can serve: load and processor up, nothing changed.',
  find(evidence) {
    const requests = load(evidence);
    const cpu = ownSeries(evidence, /^CPUUtilization$/)
      .flatMap((series) => around(series, evidence.window.onset).after ?? [])
      .sort((a, b) => b - a)[0];
    const grown = requests !== undefined && requests.ratio >= 1.4;
    const busy = cpu !== undefined && cpu >= BUSY_CPU;
    if (!grown && !busy) return [];
    const because: string[] = [];
    let weight = 0;
    if (grown) {
      weight += requests.ratio >= 2 ? 0.55 : 0.45;
      because.push(
        `${requests.metric} grew from ${round(requests.before)} to ${round(requests.after)} a period at the onset (${requests.ratio.toFixed(1)} times).`,
      );
    }
    if (busy) {
      weight += grown ? 0.2 : 0.3;
      because.push(`The processor is ${round(cpu)} % busy since the onset.`);
    }
    const told = telling(evidence, (one) => says(one, LOAD));
    if (told) {
      weight += 0.15;
      because.push(`${logged(told.first)}.`);
    }
    const refused = told ? undefined : telling(evidence, (one) => says(one, SPEAKS_OF.refusal));
    if (refused) {
      weight -= 0.3;
      because.push(`Against it: ${logged(refused.first)}: its tasks do not turn it away.`);
    }
    const recent = addSeconds(evidence.window.onset, -minutes(5));
    if (!told && cpu !== undefined && cpu < IDLE_CPU) {
      weight -= 0.3;
      because.push(`Against it: the processor is at most ${round(cpu)} % busy, and no log line speaks of load.`);
    }
    const changed = changesBefore(evidence, evidence.resource, minutes(5), ['deployment-started', 'code-updated']).some(
      ({ at, from, to }) => at >= recent && from !== to,
    );
    if (changed) weight -= 0.15;
    const failed = failedTasks(evidence).length;
    if (failed > 0) {
      weight -= 0.15 * Math.min(2, failed);
      because.push(`Against it: ${failed} of its tasks failed, so that the others have more to do.`);
    }
    return weight > 0 ? [{ resource: evidence.resource, weight: atMost(weight), because }] : [];
  },
});
