import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import { anyOf, SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { percent } from '../../../layers/core/units.ts';
import { callees, type Callee } from '../support/callees.ts';
import { atMost, failedTasks, newTrouble } from '../support/facts.ts';
import { linesOf, says } from '../support/said.ts';

/** Most of the log names it. */
const MOST = 0.7;

function weigh({
  arn,
  incident,
  badPeriods,
  failedTasks: lost,
  isWell,
  named,
  share,
}: Callee): Omit<Finding, 'resource'> {
  const because: string[] = [];
  let weight = 0;
  if (incident) {
    weight += 0.55;
    because.push(`${shortName(arn)}, which it calls, has the open incident ${incident}.`);
  }
  if (badPeriods > 0 || lost > 0) {
    weight += 0.35;
    because.push(`${shortName(arn)} was bad in ${badPeriods} periods and lost ${lost} tasks since the onset.`);
  }
  const [first] = named;
  if (first) {
    weight += weight > 0 ? 0.15 : share >= MOST ? 0.5 : 0.3;
    because.push(
      `${percent(share)} of its new log lines name ${shortName(arn)}: "${first.template}" (${first.after} times since, ${first.before} before).`,
    );
  }
  if (isWell) {
    weight = Math.min(weight, 0.1);
    because.push(`Against it: ${shortName(arn)} is well by its own metrics.`);
  }
  return { weight, because };
}

const OUTSIDE = anyOf(SPEAKS_OF.unreached, SPEAKS_OF.aws);
const blamesAnother = (one: LogTemplate): boolean =>
  says(one, OUTSIDE) || (one.category === 'dependency' && says(one, SPEAKS_OF.others));

/** For each other service whose log says the same, up to three. */
const SAME_ELSEWHERE = 0.1;

/** Something that it calls and that nobody watches: a provider outside the account, or a database. */
function ofOthers(evidence: Evidence): Omit<Finding, 'resource'>[] {
  const trouble = newTrouble(evidence);
  const watched = callees(evidence).flatMap(({ named }) => named);
  const others = trouble.filter((one) => !watched.includes(one) && blamesAnother(one));
  const [first] = others;
  if (!first || linesOf(others) < 0.5 * linesOf(trouble)) return [];
  const because = [
    `Something that it calls and that is not watched fails: "${first.example}" (${first.after} such lines since, ${first.before} before).`,
  ];
  const said = (evidence.shared ?? []).filter(({ kind }) => kind === 'host' || kind === 'message');
  const same = new Set(said.flatMap((share) => share.with.map(({ resource }) => resource)));
  if (same.size > 0) because.push(`The logs of ${[...same].map(shortName).join(', ')} say the same.`);
  return [{ weight: 0.5 + SAME_ELSEWHERE * Math.min(3, same.size), because }];
}

export const rule = defineRule({
  name: 'dependency-failure',
  fault: 'dependency-failure',
  summary: 'Something that it calls is in trouble, and it is well itself.',
  find(evidence) {
    const crashes = failedTasks(evidence).length;
    const against = crashes > 1 ? [`Against it: ${crashes} of its own tasks failed.`] : [];
    const findings = [...callees(evidence).map(weigh), ...ofOthers(evidence)].filter(({ weight }) => weight > 0);
    const [best] = findings.sort((a, b) => b.weight - a.weight);
    if (!best) return [];
    const weight = atMost(best.weight - (crashes > 1 ? 0.3 : 0));
    return weight > 0 ? [{ resource: evidence.resource, weight, because: [...best.because, ...against] }] : [];
  },
});
