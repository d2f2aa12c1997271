import { describe, expect, test } from 'vitest';
import { takeBatch, toRetry, type IntakePorts, type Taken } from '../../../functions/intake/intake.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { ALARM, NOW, SERVICE, alarmEvent, deploymentEvent, healthEvent, taskEvent } from './events.ts';

const resource: Resource = {
  arn: SERVICE,
  type: 'ecs-service',
  mode: 'heal',
  modeFrom: 'tag',
  fleet: '111122223333',
  noRollback: false,
  alarms: [],
  own: [],
  metrics: [],
  probes: [],
  misread: [],
  targetGroups: [],
  dependsOn: [],
  parameters: [],
  logGroups: [],
  seenAt: NOW,
};

/** A knowledge base that holds what intake must not get wrong: one open incident a resource, each signal once. */
function account({ startFails = false } = {}) {
  const signals = new Map<string, string>();
  const open = new Map<string, { incidentId: string; status: 'opening' | 'open'; signals: Signal[] }>();
  const started: string[] = [];
  const take = (signal: Signal, mayOpen: boolean): Taken | undefined => {
    const known = open.get(signal.resource);
    const seen = signals.get(signal.id);
    if (seen) return { incidentId: seen, opened: false, status: known?.status ?? 'closed', duplicate: true };
    if (!known && !mayOpen) return undefined;
    const incident = known ?? { incidentId: `incident-${open.size + 1}`, status: 'opening' as const, signals: [] };
    open.set(signal.resource, incident);
    incident.signals.push(signal);
    signals.set(signal.id, incident.incidentId);
    return { incidentId: incident.incidentId, opened: !known, status: incident.status, duplicate: false };
  };
  const ports: IntakePorts = {
    now: () => NOW,
    resourceOfAlarm: (alarm) => Promise.resolve(alarm === ALARM ? SERVICE : undefined),
    resource: (arn) => Promise.resolve(arn === SERVICE ? resource : undefined),
    openOrJoin: (signal) => Promise.resolve(take(signal, true)!),
    join: (signal) => Promise.resolve(take(signal, false)),
    start(incidentId) {
      if (startFails) return Promise.reject(new Error('ThrottlingException: slow down'));
      started.push(incidentId);
      for (const incident of open.values()) if (incident.incidentId === incidentId) incident.status = 'open';
      return Promise.resolve();
    },
  };
  return { ports, open, started };
}

const messages = (...events: unknown[]) =>
  events.map((body, n) => ({ messageId: `m-${n}`, body: JSON.stringify(body) }));

describe('a batch', () => {
  test('of a crash loop and its alarm is one incident with one execution and every signal', async () => {
    const { ports, open, started } = account();
    const batch = messages(...[1, 2, 3, 4, 5].map((n) => taskEvent({ id: `e-${n}`, n })), alarmEvent({ id: 'e-6' }));

    const outcomes = await takeBatch(batch, ports);

    expect(outcomes.map(({ fate }) => fate).toSorted()).toEqual([
      'joined',
      'joined',
      'joined',
      'joined',
      'joined',
      'opened',
    ]);
    expect(open.get(SERVICE)?.signals).toHaveLength(6);
    expect(started).toEqual(['incident-1']);
  });

  test('delivered twice changes nothing the second time', async () => {
    const { ports, open, started } = account();
    const batch = messages(taskEvent());
    await takeBatch(batch, ports);

    const again = await takeBatch(batch, ports);

    expect(again).toMatchObject([{ fate: 'duplicate' }]);
    expect(open.get(SERVICE)?.signals).toHaveLength(1);
    expect(started).toEqual(['incident-1']);
  });

  test('is taken in the order things happened, whatever the order it came in', async () => {
    const { ports, open } = account();
    const late = taskEvent({ n: 1, stoppedAt: '2026-11-22T11:59:20.000Z' });
    const early = taskEvent({ n: 2, stoppedAt: '2026-11-22T11:58:20.000Z' });

    await takeBatch(messages(late, early), ports);

    expect(open.get(SERVICE)?.signals.map(({ at }) => at)).toEqual([
      '2026-11-22T11:58:20.000Z',
      '2026-11-22T11:59:20.000Z',
    ]);
  });

  test('is taken although one message of it is malformed, and that one comes back with the reason', async () => {
    const { ports } = account();
    const batch = [...messages(taskEvent()), { messageId: 'bad', body: '{"half' }];

    const outcomes = await takeBatch(batch, ports);

    expect(toRetry(outcomes)).toEqual(['bad']);
    expect(outcomes.find(({ messageId }) => messageId === 'bad')).toMatchObject({
      fate: 'malformed',
      why: expect.stringContaining('no JSON'),
    });
  });

  test('of normal work opens nothing and is not delivered again', async () => {
    const { ports, open } = account();

    const outcomes = await takeBatch(
      messages(deploymentEvent('SERVICE_DEPLOYMENT_COMPLETED'), taskEvent({ stopCode: 'UserInitiated' })),
      ports,
    );

    expect(outcomes.map(({ fate }) => fate)).toEqual(['change', 'ignored']);
    expect(toRetry(outcomes)).toEqual([]);
    expect(open.size).toBe(0);
  });
});

test('a signal about what is not watched is counted, and opens nothing', async () => {
  const { ports, open } = account();

  const outcomes = await takeBatch(
    messages(alarmEvent({ name: 'other' }), taskEvent({ group: 'service:other' })),
    ports,
  );

  expect(outcomes.map(({ fate }) => fate)).toEqual(['unwatched', 'unwatched']);
  expect(open.size).toBe(0);
});

test('an alarm that goes to OK joins an open incident and opens none', async () => {
  const { ports, open } = account();
  const alone = await takeBatch(messages(alarmEvent({ id: 'ok-1', state: 'OK' })), ports);
  await takeBatch(messages(alarmEvent({ id: 'bad' })), ports);

  const joined = await takeBatch(messages(alarmEvent({ id: 'ok-2', state: 'OK' })), ports);

  expect([alone, joined].flat().map(({ fate }) => fate)).toEqual(['nothing-open', 'joined']);
  expect(open.get(SERVICE)?.signals).toHaveLength(2);
});

test('a message whose incident could not be started comes back, and then starts it', async () => {
  const broken = account({ startFails: true });
  const batch = messages(taskEvent());

  const outcomes = await takeBatch(batch, broken.ports);

  expect(outcomes).toMatchObject([{ fate: 'failed', why: expect.stringContaining('slow down') }]);
  expect(toRetry(outcomes)).toEqual(['m-0']);

  const healed: string[] = [];
  const again = await takeBatch(batch, { ...broken.ports, start: (id) => Promise.resolve(void healed.push(id)) });

  expect(again).toMatchObject([{ fate: 'duplicate' }]);
  expect(healed).toEqual(['incident-1']);
});

test('a database that fails for one resource does not hold up the others', async () => {
  const { ports } = account();
  const failing: IntakePorts = {
    ...ports,
    resourceOfAlarm: () => Promise.reject(new Error('ProvisionedThroughputExceededException')),
  };

  const outcomes = await takeBatch(messages(alarmEvent({ id: 'a' }), taskEvent({ id: 'b' })), failing);

  expect(outcomes.map(({ messageId, fate }) => [messageId, fate])).toEqual([
    ['m-0', 'failed'],
    ['m-1', 'opened'],
  ]);
});

describe('an issue of AWS Health', () => {
  const named = (...entities: string[]) => ({ affectedEntities: entities.map((entityValue) => ({ entityValue })) });

  test('opens an incident on each watched resource that it names, and on no other', async () => {
    const { ports, open } = account();
    const other = SERVICE.replace('checkout', 'cart');
    const both = {
      ...ports,
      resource: async (arn: string) => (arn === other ? { ...resource, arn } : ports.resource(arn)),
    };

    const outcomes = await takeBatch(messages(healthEvent(named(SERVICE, 'prod|cart', 'prod|nobody'))), both);

    expect(outcomes.map(({ fate }) => fate)).toEqual(['opened', 'opened']);
    expect([...open.keys()].toSorted()).toEqual([other, SERVICE].toSorted());
    expect(open.get(SERVICE)?.signals).toMatchObject([
      { kind: 'health-event', at: '2026-11-22T11:40:00.000Z', summary: expect.stringContaining('failures to start') },
    ]);
  });

  test('counts once, however often AWS tells more of it', async () => {
    const { ports, open } = account();

    await takeBatch(messages(healthEvent()), ports);
    const outcomes = await takeBatch(messages(healthEvent({ communicationId: '2' }, 'e-2')), ports);

    expect(outcomes).toMatchObject([{ fate: 'duplicate' }]);
    expect(open.get(SERVICE)?.signals).toHaveLength(1);
  });

  test.each([
    ['of a service as a whole', { affectedEntities: [] }],
    ['that is over', { statusCode: 'closed', endTime: 'Sun, 22 Nov 2026 11:59:00 GMT' }],
    ['whose entity is well', { affectedEntities: [{ entityValue: 'prod|checkout', status: 'RESOLVED' }] }],
    ['that is a planned change', { eventTypeCategory: 'scheduledChange', statusCode: 'upcoming' }],
    ['that is only a notification', { eventTypeCategory: 'accountNotification' }],
    ['of the account as such', { affectedEntities: [{ entityValue: '111122223333' }] }],
  ])('%s opens nothing: it is recorded', async (_, detail) => {
    const { ports, open } = account();

    const outcomes = await takeBatch(messages(healthEvent(detail)), ports);

    expect(outcomes).toMatchObject([{ fate: 'change' }]);
    expect(open.size).toBe(0);
  });

  test('that fails for one of its resources is delivered again, once', async () => {
    const { ports } = account({ startFails: true });
    const all = { ...ports, resource: (arn: string) => Promise.resolve({ ...resource, arn }) };

    const outcomes = await takeBatch(messages(healthEvent(named(SERVICE, 'prod|cart'))), all);

    expect(outcomes.map(({ fate }) => fate)).toEqual(['failed', 'failed']);
    expect(toRetry(outcomes)).toEqual(['m-0']);
  });
});
