import { actions } from '../../../functions/recover/actions.generated.ts';
import { diagnose } from '../../../functions/diagnose/diagnose.ts';
import type { Action } from '../../../layers/core/action.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { minutes, type Seconds } from '../../../layers/core/units.ts';
import type { Session } from '../../../layers/runtime/runtime.ts';
import { INCIDENT, Observer } from '../../../simulator/world/check/observer.ts';
import { shops } from '../../../simulator/world/spec.ts';
import { World } from '../../../simulator/world/world.ts';

export const START = '2026-03-02T11:50:00.000Z';
export const ROLE = 'arn:aws:iam::111122223333:role/prunella-action';

export const session: Session = {
  name: `${ROLE} ${INCIDENT} {}`,
  role: ROLE,
  credentials: () => Promise.reject(new Error('no call of a modelled account needs credentials')),
};

/** A shop that has been well for a while, with somebody who watches it. */
export async function healthyShop(
  seed = 1,
  warm: Seconds = minutes(20),
): Promise<{ world: World; observer: Observer }> {
  const world = new World({ ...shops(), seed, start: START });
  const observer = new Observer(world);
  await observer.run(60);
  await observer.discover();
  await observer.run(warm);
  observer.forget();
  return { world, observer };
}

/** Runs one of the product's own actions on a resource, as Recover does; answers why not, when it may not run. */
export async function act(
  world: World,
  observer: Observer,
  name: string,
  arn: string,
  fault: Fault,
): Promise<string[]> {
  const action = (actions as unknown as Readonly<Record<string, Action>>)[name]!;
  const aws: Aws = world.aws(() => world.now, session);
  const evidence = await observer.evidence(arn);
  const [first] = diagnose(evidence).hypotheses;
  const hypothesis = { ...first!, resource: arn, fault };
  const params = action.propose({ hypothesis, resource: observer.resources.get(arn)!, evidence });
  if (typeof params === 'object' && params !== null && 'unfit' in params) return [String(params.unfit)];
  const parsed = action.params.parse(params);
  const reasons = await action.preconditions(parsed, aws);
  if (reasons.length > 0) return [...reasons];
  for (const mutation of await action.intend(parsed, aws))
    await action.apply(mutation, aws, { incidentId: INCIDENT, attempt: 1 }, parsed);
  return [];
}
