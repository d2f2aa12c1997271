import { shortName } from '../../../layers/core/arn.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { callees, type Callee } from '../support/callees.ts';
import { atMost, failedTasks } from '../support/facts.ts';

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
      `${Math.round(share * 100)} % of its new log lines name ${shortName(arn)}: "${first.template}" (${first.after} times since, ${first.before} before).`,
    );
  }
  if (isWell) {
    weight = Math.min(weight, 0.1);
    because.push(`Against it: ${shortName(arn)} is well by its own metrics.`);
  }
  return { weight, because };
}

export const rule = defineRule({
  name: 'dependency-failure',
  fault: 'dependency-failure',
  summary: 'Something that it calls is in trouble, and it is well itself.',
  find(evidence) {
    const crashes = failedTasks(evidence).length;
    const against = crashes > 1 ? [`Against it: ${crashes} of its own tasks failed.`] : [];
    const findings = callees(evidence)
      .map(weigh)
      .filter(({ weight }) => weight > 0);
    const [best] = findings.sort((a, b) => b.weight - a.weight);
    if (!best) return [];
    const weight = atMost(best.weight - (crashes > 1 ? 0.3 : 0));
    return weight > 0 ? [{ resource: evidence.resource, weight, because: [...best.because, ...against] }] : [];
  },
});
