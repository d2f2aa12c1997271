import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Change } from '../../../layers/core/inventory.ts';
import { SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { addSeconds, minutes, secondsBetween, type Instant } from '../../../layers/core/units.ts';
import { blamed } from '../support/callees.ts';
import {
  atMost,
  changesBefore,
  failedTasks,
  newTrouble,
  serviceState,
  slack,
  spoken,
  target,
  whenSpoken,
} from '../support/facts.ts';
import { logged, says } from '../support/said.ts';

const WITHIN = minutes(30);
/** What has worked with a value for so long can work with it. */
const PROVEN = minutes(3);

interface Written {
  readonly change: Change;
  readonly readAt: 'start' | 'always';
}

const written = (evidence: Evidence): Written[] =>
  target(evidence)
    .parameters.flatMap(({ arn, readAt }) =>
      changesBefore(evidence, arn, WITHIN, ['parameter-written'])
        .slice(0, 1)
        .map((change) => ({ change, readAt })),
    )
    .sort((a, b) => (a.change.at < b.change.at ? 1 : -1));

/** Since when tasks have read the new value, at the latest when the trouble began; a value read at start does nothing before. */
function readSince({ change, readAt }: Written, evidence: Evidence): Instant | undefined {
  if (readAt === 'always') return change.at;
  const running = serviceState(evidence)?.tasks ?? [];
  const failed = failedTasks(evidence);
  const began = addSeconds(evidence.window.onset, slack(evidence));
  return [...running, ...failed]
    .map(({ startedAt, ...rest }) => startedAt ?? ('stoppedAt' in rest ? rest.stoppedAt : ''))
    .filter((at) => at >= change.at && at <= began)
    .sort()[0];
}

/** A deployment after the write that brought other code as well: it explains the fresh tasks, and whatever they do. */
const newRevisionSince = (at: string, evidence: Evidence): boolean =>
  changesBefore(evidence, evidence.resource, WITHIN, ['deployment-started']).some(
    (change) => change.at >= at && change.to !== undefined && change.from !== undefined && change.from !== change.to,
  );

export const rule = defineRule({
  name: 'bad-configuration',
  fault: 'bad-configuration',
  summary: 'Trouble that begins after a parameter was written and tasks have read it.',
  find(evidence) {
    const latest = written(evidence)[0];
    if (!latest) return [];
    const name = shortName(latest.change.resource);
    const because = [
      `Parameter ${name} was written ${whenSpoken(latest.change.at, evidence)} (version ${latest.change.to ?? 'unknown'}).`,
    ];
    const since = readSince(latest, evidence);
    if (since === undefined) {
      because.push('No task had read it when the trouble began, and it is read at start only: it had no effect yet.');
      return [{ resource: evidence.resource, weight: 0.05, because }];
    }
    let weight = 0.5;
    if (latest.readAt === 'start') because.push('It is read at start, and tasks have started since.');
    const proven = secondsBetween(since, evidence.window.onset);
    if (proven >= PROVEN) {
      weight = 0.2;
      because.push(`Against it: what has read it had served well for ${spoken(proven)}.`);
    }
    const callee = blamed(evidence);
    const trouble = newTrouble(evidence).filter((template) => !callee?.named.includes(template));
    if (callee) {
      weight -= 0.25;
      because.push(`Against it: its new log lines name ${callee.arns.map(shortName).join(' and ')}, which it calls.`);
    }
    const telling = trouble.find((one) => says(one, SPEAKS_OF.settings));
    if (trouble.length > 0) weight += 0.15;
    if (telling) {
      weight += 0.15;
      because.push(`${logged(telling)}.`);
    }
    if (latest.readAt === 'start' && !telling && newRevisionSince(latest.change.at, evidence)) {
      weight -= 0.3;
      because.push('Against it: the tasks that read it run a new revision, too, and no log line speaks of settings.');
    }
    const failed = failedTasks(evidence).filter(
      ({ startedAt }) => startedAt === undefined || startedAt >= latest.change.at,
    ).length;
    if (failed > 0) {
      weight += 0.15;
      because.push(`${failed} tasks that started after it was written have failed.`);
    }
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
