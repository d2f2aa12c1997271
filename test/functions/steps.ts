import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { ulid } from 'ulid';
import { GENESIS } from '../../layers/core/audit.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import type { StepInput } from '../../layers/core/step.ts';
import { addSeconds, type Instant } from '../../layers/core/units.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { ARNS } from '../support/fake-account.ts';
import { situation } from '../support/situations.ts';

/** The evidence of test/support/situations is of noon; steps run five minutes later. */
export const NOW: Instant = '2026-11-01T12:05:00.000Z';

export interface World {
  readonly incidentId: string;
  readonly counted: Record<string, number>;
  pass(seconds: number): void;
  input(over?: Partial<StepInput>): StepInput;
  /** Reads the incident anew, as every step does. */
  context(): Promise<StepContext>;
  incident(): Promise<Incident>;
  attempt(n?: number): Promise<Attempt>;
}

/** An open, diagnosed incident on a resource of the fake account, in the real knowledge base; the healing lever is released. */
export async function world(arn: string = ARNS.service, watched: Partial<Resource> = {}): Promise<World> {
  let now = NOW;
  const { evidence } = situation('crash-loop', arn, {}, watched);
  const [resource] = evidence.resources;
  if (!resource) throw new Error('the situation must have a resource');
  await kb.knowledge.putResource(resource);
  await kb.control.setLever('healing', 'disengaged', 'a test', now);
  const signal = {
    kind: 'operator',
    id: ulid(),
    at: evidence.window.onset,
    resource: arn,
    summary: 'it is ill',
    by: 'a test',
  } as const;
  const { incidentId } = await kb.incidents.openOrJoin(signal, resource, ulid, now);
  await kb.incidents.saveEvidence(incidentId, { ...evidence, incidentId });
  const hypotheses = [
    { resource: arn, fault: 'crash-loop' as const, confidence: 0.9, because: ['tasks exit again and again'] },
  ];
  await kb.incidents.update(incidentId, {
    diagnosis: { hypotheses, severity: 'high', onset: evidence.window.onset, gaps: [] },
    onset: evidence.window.onset,
  });
  const counted: Record<string, number> = {};
  const metrics = {
    addMetric: (name: string) => void (counted[name] = (counted[name] ?? 0) + 1),
    addDimension: () => undefined,
    addDimensions: () => undefined,
  } as unknown as Metrics;
  const incident = () => kb.incidents.get(incidentId);
  return {
    incidentId,
    counted,
    pass: (seconds) => void (now = addSeconds(now, seconds)),
    input: (over = {}) => ({
      schema: 1,
      incidentId,
      step: 3,
      attempt: 1,
      looks: 0,
      verdict: 'act',
      because: '',
      waitSeconds: 0,
      failure: '',
      auditHead: GENESIS,
      ...over,
    }),
    incident,
    context: async () => ({
      incident: await incident(),
      kb,
      now: () => now,
      deadline: addSeconds(now, 180),
      log: {} as Logger,
      metrics,
      about: () => undefined,
    }),
    async attempt(n = 1) {
      const found = (await kb.incidents.attempts(incidentId)).find(({ attempt }) => attempt === n);
      if (!found) throw new Error(`there is no attempt ${n}`);
      return found;
    },
  };
}

/** Writes attempt 1 as Decide does. */
export async function tryAction(
  incidentId: string,
  action: string,
  params: Record<string, unknown>,
  resource: string = ARNS.service,
): Promise<void> {
  await kb.incidents.putAttempt(incidentId, {
    attempt: 1,
    candidate: {
      action,
      params,
      resource,
      fault: 'crash-loop',
      risk: 'R2',
      success: 0.5,
      expectedSeconds: 120,
      because: ['a test'],
    },
    startedAt: NOW,
    leased: [],
    mutations: [],
    outcomeWhy: [],
  });
}

/** Leases the service for attempt 1, as Recover does. */
export const hold = (incidentId: string) =>
  kb.control.hold({
    incidentId,
    attempt: 1,
    arns: [ARNS.service],
    now: NOW,
    busyUntil: NOW,
    until: addSeconds(NOW, 900),
  });
