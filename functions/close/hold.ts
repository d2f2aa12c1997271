import type { Ending, SuppressionCause } from '../../layers/core/incident.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { addSeconds, hours, type Seconds } from '../../layers/core/units.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { criteriaOf, lookAt } from '../../layers/runtime/observe/look.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { judgeReality, lookBack } from '../detect/real.ts';

/** After so long a person is told again: the incident closes, and the next signal (or reconcile) opens another. */
export const HOLD_AT_MOST: Seconds = hours(20);
const LONGEST_WAIT: Seconds = 900;

/** Looks come ever more seldom: one, two, four … minutes apart. */
export const holdWait = (looks: number): Seconds => Math.min(LONGEST_WAIT, 60 * 2 ** Math.min(looks, 10));

export type Holding =
  | { readonly kind: 'close'; readonly why: readonly string[] }
  /** It is still not well. */
  | { readonly kind: 'hold'; readonly why: readonly string[] }
  /** What kept Prunella from acting is gone. */
  | { readonly kind: 'again'; readonly why: readonly string[] };

/**
 * An incident that ended without a healing stays open until its resource is well, so that the same trouble opens no second
 * incident and nobody is told twice. It is taken up again when what stood in the way is gone.
 */
export async function holding(ending: Ending, { incident, kb, now }: StepContext, policy: Policy): Promise<Holding> {
  const resource = await kb.knowledge.resource(incident.resource);
  if (!resource) return { kind: 'close', why: ['it is no longer in the inventory'] };
  const gone = await obstacleGone(ending, resource, { incident, kb, now }, policy);
  if (gone) return { kind: 'again', why: [gone] };
  if (now() > addSeconds(incident.openedAt, HOLD_AT_MOST))
    return { kind: 'close', why: [`it is not well after ${HOLD_AT_MOST / 3600} h: the next signal is told of again`] };
  const criteria = criteriaOf(resource);
  const look = await lookAt(
    resource,
    criteria,
    addSeconds(now(), -lookBack(criteria)),
    now(),
    await readerAws(resource.arn),
  );
  const reality = judgeReality(look, [], resource, policy);
  if (reality.kind === 'noise') return { kind: 'close', why: ['it is well', ...reality.why] };
  return { kind: 'hold', why: ['it is not well yet', ...reality.why] };
}

type Context = Pick<StepContext, 'incident' | 'kb' | 'now'>;

async function obstacleGone(
  ending: Ending,
  { mode }: Resource,
  { incident, kb, now }: Context,
  policy: Policy,
): Promise<string | undefined> {
  if (ending.kind === 'suppressed') return suppressionGone(ending.because, mode, kb);
  if (ending.kind !== 'escalated' || ending.because !== 'brake') return undefined;
  const brake = await kb.control.brake(incident.fleet, policy, now());
  return brake.engaged ? undefined : `the brake has released: ${brake.why}`;
}

async function suppressionGone(
  because: SuppressionCause,
  mode: Resource['mode'],
  kb: Context['kb'],
): Promise<string | undefined> {
  if (because === 'lever')
    return (await kb.control.lever('healing')) === 'disengaged' ? 'the healing lever was released' : undefined;
  if (because === 'observe') return mode === 'observe' ? undefined : `its mode is ${mode} now`;
  if (because === 'suggest') return mode === 'suggest' || mode === 'observe' ? undefined : `its mode is ${mode} now`;
  return undefined;
}
