import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Change } from '../../../layers/core/inventory.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import type { FaultCategory } from '../../../layers/core/taxonomy.ts';
import { minutes, percent, seconds, secondsBetween, type Instant } from '../../../layers/core/units.ts';
import { blamed } from '../support/callees.ts';
import {
  atMost,
  changesBefore,
  failedTasks,
  load,
  newTrouble,
  revisionName,
  serviceState,
  spoken,
  whenSpoken,
} from '../support/facts.ts';
import { logged } from '../support/said.ts';
import { isAboutMemory, memoryTrend } from '../support/memory.ts';

const WITHIN = minutes(15);
/** Memory that begins to rise only when its tasks have run for so long does not rise because of it. */
const LEVEL = seconds(30);
/** Tasks that have served for so long without trouble have shown that what they usually do works. */
const PROVEN = minutes(1);
/** What log lines of these classes speak of is not code. */
const NOT_CODE: readonly FaultCategory[] = ['data', 'dependency', 'infrastructure'];
const HARDLY = 0.05;

/** The last deployment before the onset that brought another revision than the one before; a restart brings none. */
function newRevision(evidence: Evidence): Change | undefined {
  return changesBefore(evidence, evidence.resource, WITHIN, [
    'deployment-started',
    'deployment-completed',
    'code-updated',
  ]).find(({ from, to }) => to !== undefined && from !== to);
}

/** When its deployment began: that of its completion, if the start was not recorded. */
function start(change: Change, evidence: Evidence): string {
  const began = evidence.changes.filter(
    ({ kind, resource, to }) => kind === 'deployment-started' && resource === change.resource && to === change.to,
  );
  return began.map(({ at }) => at).sort()[0] ?? change.at;
}

/** Where there is no room, no revision would have started. */
const NO_ROOM = /capacity|unable to place|insufficient (?:memory|cpu)/i;

/** When the first of its tasks that are known began to run. */
function firstTask({ to }: Change, began: Instant, evidence: Evidence): Instant | undefined {
  const state = serviceState(evidence);
  const running = state?.revision === to ? (state?.tasks ?? []) : [];
  const failed = failedTasks(evidence).filter(({ revision }) => revision === to);
  return [...running, ...failed]
    .flatMap(({ startedAt }) => (startedAt !== undefined && startedAt >= began ? [startedAt] : []))
    .sort()[0];
}

export const rule = defineRule({
  name: 'bad-deployment',
  fault: 'bad-deployment',
  summary: 'Trouble that begins within minutes of a new revision, in that revision.',
  find(evidence) {
    const change = newRevision(evidence);
    const state = serviceState(evidence);
    if (!change || !state) return [];
    // Its first deployment ever brought no new code: there was none before.
    if (change.from === undefined && !state.steadyRevisions.some((revision) => revision !== change.to)) return [];
    const began = start(change, evidence);
    const gap = secondsBetween(began, evidence.window.onset);
    if (gap > WITHIN) return [];
    const because = [`A deployment of ${revisionName(change.to)} began ${whenSpoken(began, evidence)}.`];
    let weight = gap <= minutes(3) ? 0.6 : gap <= minutes(6) ? 0.45 : 0.25;

    const callee = blamed(evidence);
    const first = firstTask(change, began, evidence);
    const rise = isAboutMemory(evidence) ? memoryTrend(evidence) : undefined;
    const proven = rise || first === undefined ? undefined : secondsBetween(first, evidence.window.onset);
    if (proven !== undefined && proven >= PROVEN) {
      weight = Math.min(weight, 0.3);
      because.push(`Against it: its tasks had served well for ${spoken(proven)}.`);
    }
    const trouble = newTrouble(evidence).find((template) => !callee?.named.includes(template));
    if (trouble?.category !== undefined && NOT_CODE.includes(trouble.category)) {
      weight -= 0.2;
      because.push(`Against it: "${trouble.template}" speaks of ${trouble.category}, not of code.`);
    } else if (trouble) {
      weight += 0.2;
      because.push(`${logged(trouble)}.`);
    }
    if (callee) {
      weight -= 0.25;
      because.push(
        `Against it: ${percent(callee.share)} of its new log lines name ${callee.arns.map(shortName).join(' and ')}, which it calls.`,
      );
    }
    const failed = failedTasks(evidence).filter(({ revision }) => revision !== undefined);
    const ofIt = failed.filter(({ revision }) => revision === change.to).length;
    if (failed.length > 0 && ofIt === failed.length) {
      weight += 0.2;
      because.push(`All ${ofIt} tasks that failed run ${revisionName(change.to)}.`);
    } else if (failed.length > ofIt) {
      weight -= 0.2;
      because.push(`${failed.length - ofIt} of ${failed.length} tasks that failed run another revision.`);
    }
    const level = rise && secondsBetween(first ?? change.at, rise.since);
    if (level !== undefined && level >= LEVEL) {
      weight = Math.min(weight, HARDLY);
      because.push(`Against it: its memory stayed level for ${spoken(level)} after that before it began to rise.`);
    } else if (level !== undefined) {
      weight = Math.max(weight, 0.6) + 0.2;
      because.push('Its memory has risen ever since its tasks began to run.');
    }
    const placing = evidence.signals.find(({ kind, summary }) => kind === 'service-event' && NO_ROOM.test(summary));
    if (placing) {
      weight -= 0.3;
      because.push(`Against it: ${placing.summary}`);
    }
    const gaveUp = evidence.signals.some(({ kind }) => kind === 'deployment-failed');
    if (gaveUp) {
      weight += 0.2;
      because.push('ECS itself gave the deployment up.');
    }
    const stalled = evidence.signals.find((signal) => signal.kind === 'deployment-stalled');
    if (stalled && stalled.running >= stalled.desired) {
      weight -= 0.6;
      because.push('Against it: all of its tasks run; it is the ones before that do not end.');
    } else if (stalled) {
      weight += 0.2;
      because.push(stalled.summary);
    }
    if (state.revision !== change.to && !state.deploymentInProgress) {
      weight -= 0.3;
      because.push(`The service runs ${revisionName(state.revision)} by now.`);
    }
    const requests = load(evidence);
    if (requests && requests.ratio >= 1.5) {
      weight -= 0.2;
      because.push(`Against it: requests grew ${requests.ratio.toFixed(1)} times at the onset.`);
    }
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
