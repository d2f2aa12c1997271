import { beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../layers/core/inventory.ts';
import { incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import type { Lesson } from '../../layers/runtime/kb/knowledge.ts';
import { freshTables } from './tables.ts';
import { START, aResource, after, anAttempt, anIncident, serviceArn, unique } from './samples.ts';

beforeAll(freshTables);

const targetGroup = (): string =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${unique('group')}/0123456789abcdef`;
const alarmArn = (): string => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${unique('alarm')}`;

describe('the inventory', () => {
  test('finds a resource by its ARN, its target group and what it depends on', async () => {
    const callee = serviceArn();
    const group = targetGroup();
    const caller = aResource({ dependsOn: [callee], targetGroups: [group] });

    await knowledge.putResource(caller);

    expect(await knowledge.resource(caller.arn)).toEqual(caller);
    expect(await knowledge.resourceOfTargetGroup(group)).toBe(caller.arn);
    expect(await knowledge.dependents(callee)).toEqual([caller.arn]);
    expect(await knowledge.dependents(caller.arn)).toEqual([]);
  });

  test('forgets what a record seen later no longer has, and keeps it from one seen earlier', async () => {
    const [callee, next] = [serviceArn(), serviceArn()];
    const caller = aResource({ dependsOn: [callee], seenAt: after(10) });
    await knowledge.putResource(caller);

    await knowledge.putResource({ ...caller, dependsOn: [next], seenAt: after(20) });
    await knowledge.putResource({ ...caller, dependsOn: [callee], seenAt: after(15) });

    expect(await knowledge.dependents(callee)).toEqual([]);
    expect(await knowledge.dependents(next)).toEqual([caller.arn]);
    expect((await knowledge.resource(caller.arn))!.seenAt).toBe(after(20));
  });

  test('keeps every version of the dependency graph by what changed', async () => {
    const edge = (to: string) => ({
      from: serviceArn('web'),
      to: serviceArn(to),
      sources: ['tag' as const],
      confidence: 0.9,
    });
    const before = await knowledge.topologyVersion();

    await knowledge.recordTopology({ added: [edge('orders')], removed: [] }, after(10));
    await knowledge.recordTopology({ added: [], removed: [] }, after(15));
    await knowledge.recordTopology({ added: [edge('stock')], removed: [edge('orders')] }, after(20));

    expect(await knowledge.topologyVersion()).toBe(before + 2);
    expect((await knowledge.topologyVersions()).slice(0, 2)).toEqual([
      { version: before + 2, at: after(20), added: [edge('stock')], removed: [edge('orders')] },
      { version: before + 1, at: after(10), added: [edge('orders')], removed: [] },
    ]);
  });

  test('leaves a target group to the resource that has it by now', async () => {
    const group = targetGroup();
    const [before, now] = [aResource({ targetGroups: [group] }), aResource({ targetGroups: [group] })];
    await knowledge.putResource(before);
    await knowledge.putResource(now);

    await knowledge.putResource({ ...before, targetGroups: [], seenAt: after(1) });

    expect(await knowledge.resourceOfTargetGroup(group)).toBe(now.arn);
  });

  test('lists all resources, more than one page of them, and counts a fleet', { timeout: 60_000 }, async () => {
    const fleet = unique('fleet');
    const put = await Promise.all(
      Array.from({ length: 130 }, async () => {
        const resource = aResource({ fleet });
        await knowledge.putResource(resource);
        return resource.arn;
      }),
    );
    await knowledge.removeResource(put[0]!);

    const listed: string[] = [];
    for await (const resource of knowledge.allResources()) if (resource.fleet === fleet) listed.push(resource.arn);

    expect(listed.sort()).toEqual(put.slice(1).sort());
    expect(await knowledge.fleetSize(fleet)).toBe(129);
    expect(await knowledge.resource(put[0]!)).toBeUndefined();
  });

  test('resolves an alarm, or lists it as unresolved, never both', async () => {
    const [alarm, service] = [alarmArn(), serviceArn()];
    const isListed = async () => (await knowledge.listUnresolved()).some((listed) => listed.alarmArn === alarm);

    await knowledge.putUnresolved(alarm, 'no dimension names a resource', START);
    const unresolved = [await knowledge.resourceOfAlarm(alarm), await isListed()];
    await knowledge.putAlarmIndex(alarm, [service]);
    const resolved = [await knowledge.resourceOfAlarm(alarm), await isListed()];
    await knowledge.putAlarmIndex(alarm, []);

    expect(unresolved).toEqual([undefined, true]);
    expect(resolved).toEqual([service, false]);
    expect(await knowledge.resourceOfAlarm(alarm)).toBeUndefined();
  });
});

describe('the change feed', () => {
  test('holds an event once, and gives the changes of a window, both ends included', async () => {
    const resource = serviceArn();
    const change = (seconds: number, eventId = unique('event')): Change => ({
      resource,
      at: after(seconds),
      kind: 'deployment-started',
      to: `revision ${seconds}`,
      eventId,
    });
    const twice = change(20);
    for (const recorded of [change(30), twice, twice, change(10), change(40)]) await knowledge.recordChange(recorded);

    const found = await knowledge.changes(resource, after(10), after(30));

    expect(found.map(({ to }) => to)).toEqual(['revision 10', 'revision 20', 'revision 30']);
    expect(await knowledge.changes(serviceArn(), START, after(100))).toEqual([]);
    expect(await knowledge.changes(resource, after(30), after(10))).toEqual([]);
  });
});

describe('learning', () => {
  const lesson = (incidentId: string, action: string, changes: Partial<Lesson> = {}): Lesson => ({
    incidentId,
    attempt: 1,
    fault: 'memory-leak',
    resource: serviceArn(),
    resourceType: 'ecs-service',
    action,
    outcome: 'recovered',
    prior: { alpha: 2, beta: 1 },
    ...changes,
  });

  test('counts an outcome once, however often it is retried, also at once', async () => {
    const action = unique('action');
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));

    const answers = await Promise.all(Array.from({ length: 8 }, () => knowledge.learn(lesson(incidentId, action))));
    const later = await knowledge.learn(lesson(incidentId, action, { outcome: 'worse' }));

    expect(answers.filter((answer) => answer === 'learned')).toHaveLength(1);
    expect(later).toBe('already');
    const posteriors = await knowledge.posteriors('ecs-service', ['memory-leak', 'deadlock']);
    expect(posteriors[`memory-leak/${action}`]).toEqual({ alpha: 3, beta: 1 });
    expect((await incidents.attempts(incidentId))[0]!.outcome).toBe('recovered');
  });

  test('starts from the prior and goes on from what is known', async () => {
    const action = unique('action');
    const { incidentId, resource } = await anIncident();
    const outcomes = ['recovered', 'unchanged', 'worse', 'unknown', 'recovered'] as const;
    for (const [index, outcome] of outcomes.entries()) {
      await incidents.putAttempt(incidentId, anAttempt(resource.arn, index + 1));
      await knowledge.learn(lesson(incidentId, action, { attempt: index + 1, outcome, prior: { alpha: 1, beta: 1 } }));
    }

    const fix = (await knowledge.fixes()).find((known) => known.action === action);

    expect(fix).toEqual({
      fault: 'memory-leak',
      resourceType: 'ecs-service',
      action,
      posterior: { alpha: 3, beta: 3 },
      tries: 4,
    });
    expect((await incidents.attempts(incidentId)).map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  test('counts how an action fares on each resource, and nothing of what is unknown', async () => {
    const action = unique('action');
    const { incidentId, resource } = await anIncident();
    const outcomes = ['recovered', 'unchanged', 'unknown', 'worse'] as const;
    for (const [index, outcome] of outcomes.entries()) {
      await incidents.putAttempt(incidentId, anAttempt(resource.arn, index + 1));
      await knowledge.learn(lesson(incidentId, action, { attempt: index + 1, outcome, resource: resource.arn }));
    }

    const [own, other] = [await knowledge.ownOutcomes(resource.arn), await knowledge.ownOutcomes(serviceArn())];

    expect(own).toEqual({ [`memory-leak/${action}`]: { healed: 1, failed: 2 } });
    expect(other).toEqual({});
  });

  test('keeps faults and resource types apart', async () => {
    const action = unique('action');
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));
    await knowledge.learn(lesson(incidentId, action, { fault: 'overload' }));

    const others = [
      await knowledge.posteriors('lambda-alias', ['overload']),
      await knowledge.posteriors('ecs-service', ['deadlock']),
    ];

    expect(others.flatMap((posteriors) => Object.keys(posteriors)).filter((key) => key.endsWith(action))).toEqual([]);
  });

  test('from an attempt that does not exist is an error', async () => {
    const { incidentId } = await anIncident();

    await expect(knowledge.learn(lesson(incidentId, 'restart-service'))).rejects.toThrow(
      'has no attempt 1 to learn from',
    );
  });
});
