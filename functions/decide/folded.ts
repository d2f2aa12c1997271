import { shortName, type Arn } from '../../layers/core/arn.ts';
import type { Incident, IncidentId } from '../../layers/core/incident.ts';
import { below } from '../diagnose/support/below.ts';
import { fold } from './fold.ts';
import { suppress, type Answer, type Situation } from './situation.ts';
import { tellOnce } from './tell-once.ts';

/** Waits where the cause is another incident's, or may be; undefined where it is this one's own. */
export async function folded(situation: Situation): Promise<Answer | undefined> {
  const { incident, diagnosis, context, input, attempts, now } = situation;
  const { kb } = context;
  const callees = await watchedCallees(situation);
  const open = await Promise.all(callees.flatMap(({ open: id }) => (id === undefined ? [] : [kb.incidents.get(id)])));
  const into = incident.foldedInto ? await rootOf(incident.foldedInto, kb) : undefined;
  const looks = attempts.length > 0 ? Number.POSITIVE_INFINITY : input.looks;
  const arns = callees.map(({ arn }) => arn);
  const folding = fold(incident, diagnosis, arns, open, into, looks, now);
  if (folding.kind === 'own') {
    if (incident.foldedInto) await kb.incidents.update(incident.incidentId, { foldedInto: null });
    return undefined;
  }
  if (folding.kind === 'folded') {
    const { incidentId } = folding.into;
    await kb.incidents.update(incident.incidentId, { foldedInto: incidentId });
    return { verdict: 'wait', why: [folding.why], waitSeconds: folding.again, saw: { foldedInto: incidentId } };
  }
  // Verify takes the mark away, once it has said whose healing made it well.
  if (folding.kind === 'unfolded')
    return {
      verdict: 'verify',
      why: [folding.why, 'look whether this one is well, too'],
      attempt: 0,
      looks: 0,
      waitSeconds: 10,
    };
  const told = callees.find((callee) => callee.told !== undefined);
  if (told)
    return suppress(situation, 'cooldown', [
      `a person has been told of ${shortName(told.arn)}, which it calls, in incident ${told.told}`,
    ]);
  if (folding.kind === 'elsewhere') return tellOnce(situation, 'no-candidate', [folding.why]);
  if (folding.kind === 'look-again')
    return { verdict: 'diagnose', why: [folding.why, 'the evidence is collected anew'], looks: input.looks + 1 };
  return { verdict: 'wait', why: [folding.why], waitSeconds: folding.again, looks: input.looks + 1 };
}

/** Longer chains of callers are looked at from their middle. */
const LONGEST_CHAIN = 8;

/** A caller's caller waits for the first cause, not for the caller between: what that is folded into, and so on. */
async function rootOf(incidentId: IncidentId, kb: Situation['context']['kb']): Promise<Incident> {
  let root = await kb.incidents.get(incidentId);
  for (let n = 1; n < LONGEST_CHAIN && root.status !== 'closed' && root.foldedInto; n += 1)
    root = await kb.incidents.get(root.foldedInto);
  return root;
}

interface WatchedCallee {
  readonly arn: string;
  /** Its open incident. */
  readonly open?: string;
  /** An incident that ended without a healing, while the callee is not known to be well. */
  readonly told?: string;
}

/** What it calls, and the root of its trouble where that lies further down: a cause two hops away is waited for, too. */
function calleesOf({ resource, diagnosis, evidence }: Situation): Arn[] {
  const [root] = diagnosis.roots ?? [];
  const isBelow = root !== undefined && below(evidence).has(root.resource);
  return [...new Set([...resource.dependsOn, ...(isBelow ? [root.resource] : [])])];
}

async function watchedCallees(situation: Situation): Promise<WatchedCallee[]> {
  const { kb } = situation.context;
  const found = await Promise.all(
    calleesOf(situation).map(async (arn): Promise<WatchedCallee[]> => {
      const [watched, pointer] = await Promise.all([kb.knowledge.resource(arn), kb.control.openOrKept(arn)]);
      if (!watched) return [];
      if (!pointer) return [{ arn }];
      return [pointer.closedAt === undefined ? { arn, open: pointer.incidentId } : { arn, told: pointer.incidentId }];
    }),
  );
  return found.flat();
}
