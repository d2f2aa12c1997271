import { Evidence } from '../../layers/core/evidence.ts';
import { Resource } from '../../layers/core/inventory.ts';
import { resourceTypeOf, type Arn } from '../../layers/core/arn.ts';
import type { Situation } from '../../layers/core/action.ts';
import type { Fault } from '../../layers/core/taxonomy.ts';
import { ARNS } from './fake-account.ts';

export function resource(arn: Arn, over: Partial<Resource> = {}): Resource {
  return Resource.parse({
    arn,
    type: resourceTypeOf(arn),
    mode: 'heal',
    modeFrom: 'tag',
    fleet: '111122223333',
    parameters: [{ arn: ARNS.parameter, readAt: 'start' }],
    seenAt: '2026-11-01T12:00:00.000Z',
    ...over,
  });
}

/** A situation in which every action that heals `fault` on the resource finds what it needs. */
export function situation(
  fault: Fault,
  arn: Arn,
  over: Partial<Evidence> = {},
  watched: Partial<Resource> = {},
): Situation {
  const evidence = Evidence.parse({
    schema: 1,
    incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    resource: arn,
    takenAt: '2026-11-01T12:05:00.000Z',
    window: { from: '2026-11-01T11:30:00.000Z', to: '2026-11-01T12:05:00.000Z', onset: '2026-11-01T12:00:00.000Z' },
    resources: [resource(arn, watched)],
    openIncidents: {},
    signals: [],
    series: [],
    logs: [],
    changes: [
      {
        resource: ARNS.parameter,
        at: '2026-11-01T11:59:00.000Z',
        kind: 'parameter-written',
        to: '3',
        from: '2',
        eventId: 'e1',
      },
    ],
    stoppedTasks: [],
    services: [
      {
        resource: ARNS.service,
        desired: 4,
        running: 4,
        pending: 0,
        revision: ARNS.revision(7),
        memory: 512,
        cpu: 256,
        deploymentInProgress: false,
        roles: [ARNS.role],
        steadyRevisions: [ARNS.revision(7), ARNS.revision(6)],
        tasks: [1, 2, 3, 4].map((n) => ({ task: ARNS.task(n), targetHealth: n === 1 ? 'unhealthy' : 'healthy' })),
      },
    ],
    aliases: [
      {
        resource: ARNS.alias,
        version: '5',
        previous: [{ version: '4', until: '2026-11-01T11:59:00.000Z' }],
        routing: {},
      },
    ],
    gaps: [],
    ...over,
  });
  return {
    hypothesis: { resource: arn, fault, confidence: 0.9, because: ['a test says so'] },
    resource: evidence.resources[0]!,
    evidence,
  };
}
