import { expect, test } from 'vitest';
import { collectHealth } from '../../../functions/diagnose/collect/health.ts';
import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import { minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';
import { ALIAS, SERVICE, at, resourceOf } from '../evidence.ts';
import { healthEvent } from '../intake/events.ts';

const notice = (service: string, over: Partial<HealthNotice> = {}): HealthNotice => ({
  eventArn: `arn:aws:health:eu-west-1::event/${service}/X/1`,
  page: 1,
  service,
  region: 'eu-west-1',
  code: 'X',
  category: 'issue',
  status: 'open',
  from: at(-600),
  updatedAt: at(-600),
  said: '',
  resources: [],
  ...over,
});
const OVER = 'Sun, 22 Nov 2026 12:01:00 GMT';
const resources = [resourceOf(), resourceOf({ arn: ALIAS, alarms: [], parameters: [] })];
const collected = async (...notices: HealthNotice[]) =>
  (await collectHealth(resources, at(-1800), at(300), () => Promise.resolve(notices))).notices;

test('evidence holds what AWS Health said of the resources around, or of their services, in the window', async () => {
  const told = [
    notice('LAMBDA', { from: at(0) }),
    notice('ECS', { category: 'scheduledChange', from: at(-60), resources: [SERVICE] }),
    notice('ECS', { category: 'accountNotification', from: at(-7200), to: at(-1700) }),
  ];
  const others = [
    notice('SQS'),
    notice('ECS', { region: 'us-east-1' }),
    notice('ECS', { resources: [SERVICE.replace('api', 'other')] }),
    notice('ECS', { from: at(-7200), to: at(-3600) }),
    notice('ECS', { from: at(3600), status: 'upcoming' }),
  ];

  expect(await collected(...told.toReversed(), ...others)).toEqual(told);
});

test('what cannot be read is a gap', async () => {
  const read = await collectHealth(resources, at(-1800), at(300), () => Promise.reject(new Error('throttled')));

  expect(read).toEqual({ notices: [], gaps: ['what AWS Health said could not be read: Error: throttled'] });
});

test(
  'an issue of AWS that names a watched service is told of as an outage, and nothing is done to the service',
  { timeout: 600_000 },
  async () => {
    const account = await Account.open({ seed: 11, start: '2026-11-22T11:40:00.000Z', fleet: shops() });
    await account.run(minutes(20));
    const service = serviceNamed(account.world.fleet, 'shop-inventory');
    const { definition } = service;
    const [partition, region, id] = [1, 3, 4].map((part) => service.arn.split(':')[part]!);
    const issue = {
      eventArn: `arn:${partition}:health:${region}::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/1`,
      eventRegion: region,
      affectedAccount: id,
      startTime: 'Sun, 22 Nov 2026 11:58:00 GMT',
      affectedEntities: [{ entityValue: service.arn, status: 'IMPAIRED' }],
    };

    account.delivery.put(healthEvent(issue));
    await account.run(minutes(2));
    account.delivery.put(healthEvent({ ...issue, statusCode: 'closed', endTime: OVER, lastUpdatedTime: OVER }));
    await account.run(minutes(8));

    const [incident, ...others] = await account.within(() => kb.incidents.byResource(service.arn, 5));
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ ending: { kind: 'escalated', because: 'no-candidate' }, attempts: 0 });
    expect(incident?.diagnosis?.hypotheses[0]).toMatchObject({
      fault: 'external-outage',
      because: expect.arrayContaining([expect.stringContaining('AWS Health reports AWS_ECS_OPERATIONAL_ISSUE of')]),
    });
    expect(account.told).toHaveLength(1);
    expect(service.definition).toBe(definition);
    const [kept] = await account.within(() => kb.knowledge.healthNotices());
    expect(kept).toMatchObject({ status: 'closed', to: '2026-11-22T12:01:00.000Z' });
  },
);
