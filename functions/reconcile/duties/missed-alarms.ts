import type { Arn } from '../../../layers/core/arn.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { minutes, secondsBetween, type Instant } from '../../../layers/core/units.ts';
import { each, type Alarming, type Duty, type Reconciling } from '../duty.ts';

/** An event takes seconds; a batch that is tried again, a few minutes. */
const EVENT_COMES = minutes(2);
/** A metric alarm follows its metric late, so that it may say ALARM for a while after the resource is well. */
const ALARM_FOLLOWS = minutes(10);

/**
 * Alarms tell of transitions only: those in ALARM before Prunella came, and those whose event was lost, never call.
 * The rule for the rest: an alarm that has been in ALARM since before the resource's last incident ended is reported
 * again once, ten minutes after that end, and then not until it changes its state (a signal's id, here made of alarm and
 * transition, counts once for good). What has an open incident (escalated and suppressed ones stay open until it is
 * well) or a kept pointer is not reported at all.
 */
export const duty: Duty = {
  name: 'missed-alarms',
  summary: 'Opens incidents for alarms in ALARM that have none.',
  async run(context) {
    const candidates: { alarm: Alarming; resource: Arn }[] = [];
    for (const alarm of await context.alarming()) {
      if (secondsBetween(alarm.since, context.now()) < EVENT_COMES) continue;
      const resource = await context.kb.knowledge.resourceOfAlarm(alarm.arn);
      if (resource && !(await context.kb.control.openOrKept(resource))) candidates.push({ alarm, resource });
    }
    return each(
      candidates,
      ({ alarm }) => alarm.name,
      ({ alarm, resource }) => report(alarm, resource, context),
    );
  },
};

async function report(alarm: Alarming, arn: Arn, context: Reconciling): Promise<string | undefined> {
  const { kb, now, newId, executions } = context;
  const resource = await kb.knowledge.resource(arn);
  const [last] = await kb.incidents.byResource(arn, 1);
  if (!resource || !isDue(alarm, last, now())) return undefined;
  const { incidentId, status, duplicate } = await kb.incidents.openOrJoin(signalOf(alarm, arn), resource, newId, now());
  if (status === 'opening') {
    const { executionArn } = await executions.start(incidentId);
    await kb.incidents.markOpen(incidentId, executionArn);
  }
  return duplicate ? undefined : `${alarm.name} is in ALARM since ${alarm.since}: ${incidentId}`;
}

function isDue({ since }: Alarming, last: Incident | undefined, now: Instant): boolean {
  if (!last) return true;
  if (!last.closedAt) return false; // the index is behind: it is open
  return since > last.closedAt || secondsBetween(last.closedAt, now) >= ALARM_FOLLOWS;
}

const signalOf = ({ arn, name, since, reason }: Alarming, resource: Arn): Signal => ({
  kind: 'alarm',
  id: `reconcile:${arn}@${since}`,
  at: since,
  resource,
  summary: `Alarm ${name} is in ALARM since ${since}. ${reason}`.trim(),
  alarm: name,
  alarmArn: arn,
  state: 'ALARM',
});
