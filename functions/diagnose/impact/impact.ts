import type { Evidence } from '../../../layers/core/evidence.ts';
import { DEFAULT_OBJECTIVE, Priority, type Affected, type Budget, type Impact } from '../../../layers/core/impact.ts';
import { Severity } from '../../../layers/core/taxonomy.ts';
import { percent, type Ratio } from '../../../layers/core/units.ts';
import { budgetOf, severityOfRate } from './budget.ts';
import { callersOf, entriesOf, type Reached } from './reach.ts';
import { badTimeOf, servedBy } from './served.ts';

/** From this share of failed requests on, the service is down for those who use it. */
const MOST: Ratio = 0.5;
/** One incident that takes so much of the budget is looked into, whatever else (the Workbook's policy, appendix B). */
const MUCH: Ratio = 0.2;

/**
 * Who is affected and how badly. Pure: the same evidence gives the same impact, bit for bit.
 * @param known how bad it is by the resource's own state and alarms: the impact is never less
 */
export function impactOf(evidence: Evidence, known: Severity): Impact {
  const reached = callersOf(evidence);
  const affected = reached.map((one) => affectedBy(one, evidence));
  const counted = entriesOf(reached, evidence).flatMap((arn) =>
    affected.filter((one) => one.resource === arn && one.requests),
  );
  const entries = counted.length > 0 ? counted : affected.slice(0, 1).filter(({ requests }) => requests);
  const total = (of: 'requests' | 'failed') => entries.reduce((sum, one) => sum + (one[of] ?? 0), 0);
  const failedShare = entries.length > 0 ? Math.min(1, total('failed') / total('requests')) : undefined;
  const { severity, why } = severityOf(known, failedShare, affected);
  const callers = affected.slice(1).filter(({ inTrouble }) => inTrouble).length;
  const { priority, because } = priorityOf(severity, callers, worst(affected));
  return {
    affected,
    ...(failedShare === undefined ? {} : { failedShare }),
    entries: entries.map(({ resource }) => resource),
    severity,
    priority,
    because: [why, ...because],
  };
}

function affectedBy({ arn, hops }: Reached, evidence: Evidence): Affected {
  const resource = evidence.resources.find((one) => one.arn === arn);
  if (!resource) return { resource: arn, hops, inTrouble: hops === 0 };
  const served = servedBy(resource, evidence);
  const time = badTimeOf(resource, evidence);
  const budget = budgetOf(resource.objective ?? DEFAULT_OBJECTIVE, served, time);
  return {
    resource: arn,
    hops,
    inTrouble: hops === 0 || evidence.openIncidents[arn] !== undefined || (time?.bad ?? 0) > 0,
    ...(served ? { requests: served.requests, failed: served.failed } : {}),
    ...(budget ? { budget } : {}),
  };
}

const worst = (affected: readonly Affected[]): Budget | undefined =>
  affected.flatMap(({ budget }) => budget ?? []).sort((a, b) => b.burned - a.burned)[0];

const rank = (severity: Severity): number => Severity.options.indexOf(severity);

/** The worst of what its own state says, what share of the requests fails, and how fast a budget burns. */
function severityOf(known: Severity, failedShare: Ratio | undefined, affected: readonly Affected[]) {
  const fastest = affected
    .flatMap(({ budget }) => (budget?.by === 'requests' ? budget : []))
    .sort((a, b) => b.rate - a.rate)[0];
  const sources: { severity: Severity; why: string }[] = [
    { severity: known, why: 'By its own state and alarms.' },
    ...(failedShare !== undefined && failedShare >= MOST
      ? [{ severity: 'critical' as const, why: `${percent(failedShare)} of the requests fail.` }]
      : []),
    {
      severity: severityOfRate(fastest),
      why: `An error budget burns ${Number((fastest?.rate ?? 0).toPrecision(2))} times as fast as it may.`,
    },
  ];
  return sources.reduce((a, b) => (rank(b.severity) < rank(a.severity) ? b : a));
}

const BY_SEVERITY: Readonly<Record<Severity, Priority>> = {
  critical: 'P1',
  high: 'P2',
  medium: 'P3',
  low: 'P4',
  info: 'P4',
};

/** Urgency by the severity; one step sooner where others suffer with it, and where a fifth of the budget is gone. */
function priorityOf(severity: Severity, callers: number, budget: Budget | undefined) {
  const because = [
    ...(callers > 0 ? [`${callers} of its callers ${callers === 1 ? 'is' : 'are'} in trouble with it.`] : []),
    ...(budget && budget.burned >= MUCH ? [`It has burned ${percent(budget.burned)} of a budget of 30 days.`] : []),
  ];
  const first = Priority.options.indexOf(BY_SEVERITY[severity]);
  return { priority: Priority.options[Math.max(0, first - because.length)] ?? 'P1', because };
}
