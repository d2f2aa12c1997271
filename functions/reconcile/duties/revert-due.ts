import type { Incident } from '../../../layers/core/incident.ts';
import type { Attempt } from '../../../layers/core/plan.ts';
import { toldMutations } from '../../../layers/core/story.ts';
import type { Revert } from '../../../layers/runtime/kb/control.ts';
import { actionNamed } from '../../recover/catalogue.ts';
import { each, type Duty, type Reconciling } from '../duty.ts';

/** The watchdog of changes that healed and must not stay, such as tasks added for a load that has gone. */
export const duty: Duty = {
  name: 'revert-due',
  summary: 'Undoes changes that were made for a time, when that time is over.',
  async run(context) {
    const reverts = await context.kb.control.reverts();
    return each(
      reverts,
      ({ incidentId, action }) => `${action} of ${incidentId}`,
      (revert) => look(revert, context),
    );
  },
};

const resourcesOf = ({ mutations }: Revert): string[] => [...new Set(mutations.map(({ resource }) => resource))];

async function look(revert: Revert, context: Reconciling): Promise<string | undefined> {
  const { kb, now } = context;
  const overdue = now() >= revert.atLatest;
  if (!overdue && (await isInTrouble(revert, context))) return undefined;
  if (!overdue && !(await isDue(revert, context))) return undefined;
  for (const arn of resourcesOf(revert)) {
    const freeze = await kb.control.frozen(arn);
    if (freeze) throw new Error(`${arn} is frozen until a person gives it free: ${freeze.why}`);
  }
  return undo(revert, overdue ? 'it is as old as it may become' : 'it is no longer needed', context);
}

/** Nothing is taken away from a resource that has an open incident. */
async function isInTrouble(revert: Revert, { kb }: Reconciling): Promise<boolean> {
  for (const arn of resourcesOf(revert)) if (await kb.control.pointer(arn)) return true;
  return false;
}

async function isDue(
  { action: name, params, mutations: [first] }: Revert,
  { reader, now }: Reconciling,
): Promise<boolean> {
  const action = actionNamed(name);
  if (action.afterwards.kind !== 'revert' || !first) return false;
  return action.afterwards.due(action.params.parse(params), await reader(first.resource), now());
}

/** Its resource is frozen by now, so that this is reached once. What the incident itself told is another matter. */
async function tell(
  { toldAt: _, ...incident }: Incident,
  action: string,
  why: readonly string[],
  { notify, escalated }: Reconciling,
): Promise<void> {
  const said = [`${action} was to be taken back, and could not be`, ...why].join('; ');
  await notify(incident, { kind: 'escalated', because: 'undo-failed', why: said });
  escalated('undo-failed');
}

/** As they stand after the undo. */
async function mutationsOf({ incidentId, attempt }: Revert, { kb }: Reconciling): Promise<Attempt['mutations']> {
  return (await kb.incidents.attempts(incidentId)).find(({ attempt: n }) => n === attempt)?.mutations ?? [];
}

async function undo(revert: Revert, because: string, context: Reconciling): Promise<string> {
  const { kb, now } = context;
  const { incidentId, attempt: number, action } = revert;
  const incident = await kb.incidents.get(incidentId);
  const attempt = (await kb.incidents.attempts(incidentId)).find(({ attempt: n }) => n === number);
  if (!attempt) throw new Error(`incident ${incidentId} has no attempt ${number} to revert`);
  const { kind, why } = await context.undo(incident, attempt);
  if (kind === 'failed') await tell(incident, action, why, context);
  if (kind === 'busy' || kind === 'failed') throw new Error(`${kind}: ${why.join('; ')}`);
  await kb.audit.append({
    incidentId,
    eventId: `Reconcile#revert-${number}-${action}`,
    at: now(),
    state: 'Reconcile',
    attempt: number,
    verdict: 'reverted',
    why: [because, ...why],
    saw: { mutations: toldMutations(await mutationsOf(revert, context)) },
  });
  await kb.control.removeRevert(revert);
  await kb.control.release(incidentId, resourcesOf(revert));
  return `reverted ${action} of ${incidentId}, for ${because}: ${why.join('; ')}`;
}
