import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { Resource } from '../../layers/core/inventory.ts';
import { Attempt } from '../../layers/core/plan.ts';
import { DEFAULT_POLICY, type Policy } from '../../layers/core/policy.ts';
import type { Signal } from '../../layers/core/signal.ts';
import { addSeconds } from '../../layers/core/units.ts';
import type { Instant } from '../../layers/core/units.ts';
import { control, incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import type { Acquiring } from '../../layers/runtime/kb/control.ts';

export const START: Instant = '2026-03-01T12:00:00.000Z';
export const after = (seconds: number): Instant => addSeconds(START, seconds);

/** A name nobody else in the run has. */
export const unique = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;

export const serviceArn = (name = unique('service')): string =>
  `arn:aws:ecs:eu-west-1:111122223333:service/cluster/${name}`;

export const aResource = (changes: Partial<Resource> = {}): Resource =>
  Resource.parse({
    arn: serviceArn(),
    type: 'ecs-service',
    mode: 'heal',
    modeFrom: 'tag',
    fleet: unique('fleet'),
    seenAt: START,
    ...changes,
  });

export const aSignal = (resource: string, changes: { id?: string; at?: Instant } = {}): Signal => ({
  kind: 'operator',
  id: unique('signal'),
  at: START,
  resource,
  summary: 'it looks ill',
  by: 'a person',
  ...changes,
});

/** An open incident on a resource that the inventory knows. */
export async function anIncident(resource: Resource = aResource(), now = START) {
  await knowledge.putResource(resource);
  const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn, { at: now }), resource, ulid, now);
  return { incidentId, resource };
}

export const anAttempt = (resource: string, attempt = 1): Attempt =>
  Attempt.parse({
    attempt,
    candidate: {
      action: 'restart-service',
      params: { service: resource },
      resource,
      fault: 'memory-leak',
      risk: 'R2',
      success: 0.5,
      expectedSeconds: 180,
      because: [],
    },
    startedAt: START,
    leased: [],
    mutations: [],
  });

export const policyWith = (changes: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, ...changes });

/** What Recover asks for, five minutes long. */
export const acquiring = (incidentId: string, resource: Resource, changes: Partial<Acquiring> = {}): Acquiring => ({
  incidentId,
  attempt: 1,
  arns: [resource.arn],
  fleet: resource.fleet,
  policy: DEFAULT_POLICY,
  now: START,
  busyUntil: after(300),
  action: 'restart-service',
  cooldown: 0,
  ...changes,
});

export const disengage = (): Promise<void> => control.setLever('healing', 'disengaged', 'a test', START);
