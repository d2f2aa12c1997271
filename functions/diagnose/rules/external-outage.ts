import { shortName } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { anyOf, SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { addSeconds, hours } from '../../../layers/core/units.ts';
import { atMost, whenSpoken } from '../support/facts.ts';
import { issuesOf, type Concerning } from '../support/issues.ts';
import { logged, says, telling } from '../support/said.ts';

/** What had been so for this long when the trouble began is less likely to have begun it. */
const LONG = hours(6);

export const rule = defineRule({
  name: 'external-outage',
  fault: 'external-outage',
  summary: 'AWS Health reports an issue of what it runs on, or of what it calls.',
  find(evidence) {
    const [best] = issuesOf(evidence)
      .map((one) => weigh(one, evidence))
      .sort((a, b) => b.weight - a.weight);
    return best ? [best] : told(evidence);
  },
});

const [WHOLE, CALLED, NAMED, SAID] = [0.45, 0.35, 0.25, 0.2];
/** What a program logs whose network, or whose service of AWS, fails it. */
const OUTAGE = anyOf(SPEAKS_OF.unreached, SPEAKS_OF.aws);
/** Of the new troubled lines. */
const MOST = 0.5;

/** The event that opened the incident may be recorded after the evidence was taken. */
const told = ({ signals, resource }: Evidence): Finding[] =>
  signals
    .filter(({ kind }) => kind === 'health-event')
    .slice(-1)
    .map(({ summary }) => ({ resource, weight: WHOLE + NAMED, because: [summary] }));

function weigh(one: Concerning, evidence: Evidence): Finding {
  const { notice, arn, isOwn, isNamed } = one;
  const { resource, window } = evidence;
  const isOld = notice.from < addSeconds(window.onset, -LONG);
  const said = telling(evidence, (line) => says(line, OUTAGE));
  const speaks = said && said.share >= MOST ? said.first : undefined;
  const weight = (isOwn ? WHOLE : CALLED) + (isNamed ? NAMED : 0) + (speaks ? SAID : 0) - (isOld ? 0.25 : 0);
  const because = [
    `AWS Health reports ${notice.code} ${of(one)}, since ${whenSpoken(notice.from, evidence)}${notice.said ? `: "${notice.said}"` : '.'}`,
    ...(isOwn ? [] : [`It calls ${shortName(arn)}.`]),
    ...(speaks ? [`${logged(speaks)}.`] : []),
    ...(isOld ? ['Against it: that had been so for hours before.'] : []),
  ];
  return { resource, weight: atMost(weight), because };
}

const of = ({ notice: { service, region }, isNamed, arn }: Concerning): string =>
  isNamed ? `of ${shortName(arn)} by its name` : `of ${service} in ${region} as a whole`;
