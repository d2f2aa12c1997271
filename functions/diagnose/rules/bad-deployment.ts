import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Change } from '../../../layers/core/inventory.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { minutes, seconds, secondsBetween } from '../../../layers/core/units.ts';
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
import { isAboutMemory, memoryTrend } from '../support/memory.ts';

const WITHIN = minutes(15);
/** Memory that rises only so long after a deployment does not rise because of it. */
const LEVEL = seconds(30);
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
    const trouble = newTrouble(evidence).find((template) => !callee?.named.includes(template));
    if (trouble) {
      weight += 0.2;
      because.push(`"${trouble.template}" was logged ${trouble.after} times since, ${trouble.before} times before.`);
    }
    if (callee) {
      weight -= 0.25;
      because.push(
        `Against it: ${Math.round(callee.share * 100)} % of its new log lines name ${shortName(callee.arn)}, which it calls.`,
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
    const rise = isAboutMemory(evidence) ? memoryTrend(evidence) : undefined;
    const level = rise && secondsBetween(change.at, rise.since);
    if (level !== undefined && level >= LEVEL) {
      weight = Math.min(weight, HARDLY);
      because.push(`Against it: its memory stayed level for ${spoken(level)} after that before it began to rise.`);
    }
    const gaveUp = evidence.signals.some(({ kind }) => kind === 'deployment-failed');
    if (gaveUp) {
      weight += 0.2;
      because.push('ECS itself gave the deployment up.');
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
