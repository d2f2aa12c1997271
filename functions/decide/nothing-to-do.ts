import { addSeconds, minutes } from '../../layers/core/units.ts';
import { hasBegun, suppress, type Answer, type Situation } from './situation.ts';
import { tellOnce } from './tell-once.ts';

/** A person who was told of this resource so recently is not told again that nothing can be done. */
const TOLD_RECENTLY = minutes(30);

/** No action is left or none fits: a person is told, unless one was told of this resource just before. */
export async function nothingToDo(situation: Situation, why: readonly string[]): Promise<Answer> {
  const { attempts, incident, context, resource, now } = situation;
  const before = (await context.kb.incidents.byResource(resource.arn, 3)).filter(
    ({ incidentId }) => incidentId !== incident.incidentId,
  );
  const told = before.find(
    ({ ending, closedAt }) =>
      ending?.kind === 'escalated' && closedAt !== undefined && closedAt > addSeconds(now, -TOLD_RECENTLY),
  );
  const begun = attempts.filter(hasBegun).length;
  if (told && begun === 0)
    return suppress(situation, 'cooldown', [
      `a person was told in incident ${told.incidentId}, which closed at ${told.closedAt}`,
      ...why,
    ]);
  return tellOnce(situation, begun > 0 ? 'exhausted' : 'no-candidate', why);
}
