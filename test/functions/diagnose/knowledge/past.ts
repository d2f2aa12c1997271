import { PastIncident, type Label } from '../../../../layers/core/experience.ts';
import type { Signature } from '../../../../layers/core/signature.ts';
import { at, SERVICE, stop, template } from '../../evidence.ts';

let ids = 0;
/** An earlier incident, by default one that a person confirmed; each call is another. */
export const past = (
  signature: Signature,
  label: Partial<Label> = {},
  over: Partial<PastIncident> = {},
): PastIncident =>
  PastIncident.parse({
    incidentId: `01JD${String((ids += 1)).padStart(22, '0')}`,
    resource: SERVICE,
    resourceType: 'ecs-service',
    endedAt: at(-86_400),
    signature,
    label: { fault: 'overload', root: SERVICE, by: 'person', ...label },
    ending: 'recovered by scale-out',
    tried: [{ action: 'scale-out', fault: 'overload', on: 'ecs-service', outcome: 'recovered' }],
    ...over,
  });

export const crashes = { stoppedTasks: [stop(10), stop(30), stop(50)], logs: [template('missing setting <*>')] };
