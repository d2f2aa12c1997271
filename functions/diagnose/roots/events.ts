import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { isUnwell } from '../../../layers/core/health.ts';
import { isFailingStop } from '../../../layers/core/stops.ts';
import { addSeconds, minutes, secondsBetween, type Seconds } from '../../../layers/core/units.ts';
import type { Event } from '../ranking/input.ts';
import { THROWN } from '../ranking/sequences.ts';
import { callees } from '../support/callees.ts';
import { newTrouble, round } from '../support/facts.ts';
import { memoryTrend } from '../support/memory.ts';

/**
 * The logarithm of how much likelier one task that ends by itself, or one that is unwell, is in trouble than in health. A
 * service loses a task so less than once a day, that is 0.007 in ten minutes; in trouble one is expected: ln(1 / 0.007).
 */
const A_TASK = 5;
/** No task that can answer: not seen in health, and as much as any symptom may count, so that it explains whatever its callers show. */
const NOTHING_LEFT = 1000;
/** So long before the onset is still around it. */
const AROUND: Seconds = minutes(10);
/** Before the onset logs are read for so long. */
const LOGS_BEFORE: Seconds = minutes(10);

/** What logs, stopped tasks and health checks say of each resource, in words and in standard deviations. */
export function eventsOf(evidence: Evidence): Event[] {
  return [...logEvents(evidence), ...memoryEvents(evidence), ...stopEvents(evidence), ...healthEvents(evidence)];
}

/**
 * New troubled lines count against whom they name, unless that one is known to be well; else against who wrote them. The
 * strength is the difference of two Poisson counts in standard deviations, by square roots (Anscombe 1948).
 */
function logEvents(evidence: Evidence): Event[] {
  const since = Math.max(1, secondsBetween(evidence.window.onset, evidence.window.to));
  return evidence.resources.flatMap((writer) => {
    const named = callees(evidence, writer).filter(({ isWell }) => !isWell);
    return newTrouble(evidence, writer.arn).map((template): Event => {
      const usual = (template.before * since) / LOGS_BEFORE;
      const node = named.find((callee) => callee.named.includes(template))?.arn ?? writer.arn;
      const who = node === writer.arn ? '' : `${shortName(writer.arn)}, which calls it, logged: `;
      return {
        node,
        what: `${who}"${template.template}" (${template.after} times since the onset, ${template.before} before).`,
        ...(node === writer.arn && THROWN.test(template.template) ? { way: 'broken-off' as const } : {}),
        strength: 2 * (Math.sqrt(template.after + 3 / 8) - Math.sqrt(usual + 3 / 8)),
      };
    });
  });
}

/** Memory that rises steadily, by the normal approximation of Kendall's rank correlation with time (Mann 1945). */
function memoryEvents(evidence: Evidence): Event[] {
  return evidence.resources.flatMap(({ arn }) => {
    const rise = memoryTrend(evidence, arn);
    if (!rise) return [];
    const { points: n, tau } = rise;
    return [
      {
        node: arn,
        what: `Memory of ${shortName(arn)} rose from ${round(rise.from)} % to ${round(rise.to)} % over ${n} points.`,
        strength: (3 * tau * Math.sqrt(n * (n - 1))) / Math.sqrt(2 * (2 * n + 5)),
      },
    ];
  });
}

function stopEvents({ stoppedTasks, window }: Evidence): Event[] {
  const since = addSeconds(window.onset, -AROUND);
  const failed = stoppedTasks.filter((task) => task.stoppedAt >= since && isFailingStop(task));
  return [...Map.groupBy(failed, ({ resource }) => resource)].map(([node, tasks]) => ({
    node,
    what: `${tasks.length} tasks of ${shortName(node)} ended by themselves.`,
    strength: A_TASK * tasks.length,
  }));
}

function healthEvents({ services }: Evidence): Event[] {
  return services.flatMap(({ resource, tasks, desired, running, deploymentInProgress }) => {
    const unwell = tasks.filter(isUnwell).length;
    const missing = deploymentInProgress ? 0 : Math.max(0, desired - running);
    if (unwell + missing === 0) return [];
    const said = [
      ...(unwell > 0 ? [`${unwell} of ${tasks.length} tasks of ${shortName(resource)} fail their health check`] : []),
      ...(missing > 0 ? [`${running} of ${desired} tasks of ${shortName(resource)} run`] : []),
    ];
    const isDead = desired > 0 && unwell + missing >= desired;
    return [
      { node: resource, what: `${said.join(', ')}.`, strength: isDead ? NOTHING_LEFT : A_TASK * (unwell + missing) },
    ];
  });
}
