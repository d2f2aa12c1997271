import { shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { concerns, isWithin, type HealthNotice } from '../../../layers/core/health-notice.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { addSeconds, hours } from '../../../layers/core/units.ts';
import { atMost, slack, target, whenSpoken } from '../support/facts.ts';

/** What had been so for this long when the trouble began is less likely to have begun it. */
const LONG = hours(6);

export const rule = defineRule({
  name: 'external-outage',
  fault: 'external-outage',
  summary: 'AWS Health reports an issue of what it runs on, or of what it calls.',
  find(evidence) {
    const { onset } = evidence.window;
    const issues = evidence.health.filter(
      (one) => one.category === 'issue' && isWithin(one, onset, addSeconds(onset, slack(evidence) + BACKDATED)),
    );
    const [best] = issues.flatMap((one) => weigh(one, evidence) ?? []).sort((a, b) => b.weight - a.weight);
    return best ? [best] : told(evidence);
  },
});

const [WHOLE, CALLED, NAMED] = [0.45, 0.35, 0.25];

/** The event that opened the incident may be recorded after the evidence was taken. */
const told = ({ signals, resource }: Evidence): Finding[] =>
  signals
    .filter(({ kind }) => kind === 'health-event')
    .slice(-1)
    .map(({ summary }) => ({ resource, weight: WHOLE + NAMED, because: [summary] }));

/** AWS dates an issue by its own investigation, some minutes off. */
const BACKDATED = 600;

function weigh(notice: HealthNotice, evidence: Evidence): Finding | undefined {
  const { resource, window } = evidence;
  const own = concerns(notice, resource);
  const callee = own ? undefined : target(evidence).dependsOn.find((arn) => concerns(notice, arn));
  if (!own && !callee) return undefined;
  const isNamed = (own ?? (callee && concerns(notice, callee))) === 'named';
  const weight = (own ? WHOLE : CALLED) + (isNamed ? NAMED : 0);
  const isOld = notice.from < addSeconds(window.onset, -LONG);
  const because = [
    `AWS Health reports ${notice.code} ${of(notice, isNamed, own ? resource : callee!)}, since ${whenSpoken(notice.from, evidence)}${notice.said ? `: "${notice.said}"` : '.'}`,
    ...(callee ? [`It calls ${shortName(callee)}.`] : []),
    ...(isOld ? ['Against it: that had been so for hours before.'] : []),
  ];
  return { resource, weight: atMost(weight - (isOld ? 0.25 : 0)), because };
}

const of = ({ service, region }: HealthNotice, isNamed: boolean, arn: Arn): string =>
  isNamed ? `of ${shortName(arn)} by its name` : `of ${service} in ${region} as a whole`;
