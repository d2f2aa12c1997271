import { describe, expect, test } from 'vitest';
import { flappingOf, passed } from '../../../functions/detect/flapping.ts';
import { Incident, type Ending } from '../../../layers/core/incident.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { hours, minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';
import { after, serviceArn } from '../../runtime/samples.ts';

const resource = serviceArn('web');
const NOISE: Ending = { kind: 'noise', why: 'all is good' };
const ITSELF: Ending = { kind: 'recovered', by: 'itself', why: 'all is good' };

let n = 0;
const incident = (at: number, ending: Ending, more: Partial<Incident> = {}): Incident =>
  Incident.parse({
    incidentId: `01JD3Q8Z3M7N5V6XK2B4C9D${String((n += 1)).padStart(3, '0')}`,
    resource,
    fleet: 'f',
    mode: 'heal',
    status: 'closed',
    severity: 'low',
    openedAt: after(at),
    onset: after(at),
    signalCount: 1,
    ending,
    closedAt: after(at + 60),
    ...more,
  });
const alarm = (at: number, name = 'slow'): Signal => ({
  kind: 'alarm',
  id: `${name}-${at}`,
  at: after(at),
  resource,
  summary: 'it rang',
  alarm: name,
  alarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
  state: 'ALARM',
});
/** What is found at `now` of a resource with these incidents, each of one alarm, the newest first. */
function found(past: readonly Incident[], own: readonly Signal[], now: number) {
  const before = passed(past, after(now), DEFAULT_POLICY).map(({ incidentId: id, openedAt: at }): Signal[] => [
    { ...alarm(0), id, at },
  ]);
  return flappingOf(own, before, past, after(now), DEFAULT_POLICY);
}

const now = hours(5);
const thrice = (ending: Ending, more: Partial<Incident> = {}) =>
  [3, 2, 1].map((hour) => incident(hours(hour), ending, more));

describe('a resource flaps', () => {
  test('when trouble that was over by itself comes for the fourth time within six hours', () => {
    expect(found(thrice(NOISE), [alarm(now)], now)).toEqual({ times: 4, since: after(hours(1)) });
    expect(found(thrice(ITSELF), [alarm(now)], now)).toMatchObject({ times: 4 });
    expect(found(thrice(NOISE).slice(1), [alarm(now)], now)).toBeUndefined();
  });

  test('also within one incident, by one alarm that rings again and again', () => {
    const rings = [0, 5, 10, 15].map((minute) => alarm(minutes(minute)));

    expect(found([], rings, minutes(16))).toMatchObject({ times: 4, since: after(0) });
    expect(found([], [...rings.slice(1), alarm(0, 'another')], minutes(16))).toBeUndefined();
  });

  test('not by what was only unusual', () => {
    const odd = (at: number): Signal => ({
      kind: 'anomaly',
      id: `odd-${at}`,
      at: after(at),
      resource,
      summary: 'odd',
      detector: 'calibrated-ensemble',
      score: 1,
    });
    const times = [0, 1, 2, 3].map((hour) => [odd(hours(hour))]);

    expect(flappingOf([odd(now)], times, [], after(now), DEFAULT_POLICY)).toBeUndefined();
    expect(flappingOf([alarm(now), odd(now)], times, [], after(now), DEFAULT_POLICY)).toBeUndefined();
  });

  test.each([
    ['longer ago', thrice(NOISE).map((one) => ({ ...one, openedAt: after(-hours(2)) }))],
    ['healed', thrice({ kind: 'recovered', by: 'action', action: 'restart-service', why: 'good' })],
    ['told to a person', thrice({ kind: 'escalated', because: 'no-candidate', why: 'none' })],
    ['only foretold', thrice(NOISE, { predicted: true })],
    ['that of what it calls', thrice(ITSELF, { foldedInto: '01JD3Q8Z3M7N5V6XK2B4C9D999' })],
  ])('not by trouble that was %s', (_, past) => {
    expect(found(past, [alarm(now)], now)).toBeUndefined();
  });

  test('and knows in which incident a person was told of it', () => {
    const flapping = { times: 4, since: after(0), away: true };
    const ending: Ending = { kind: 'escalated', because: 'no-candidate', why: 'it flaps' };
    const told = incident(hours(4), ending, { flapping, toldAt: after(hours(4)) });

    expect(found([told, ...thrice(NOISE)], [alarm(now)], now)).toMatchObject({ times: 4, toldIn: told.incidentId });
  });
});

test(
  'an alarm that flaps is told of once, with what it does, and nothing is changed because of it',
  { timeout: 600_000 },
  async () => {
    const account = await Account.open({ seed: 7, start: '2026-03-02T09:00:00.000Z', fleet: shops() });
    const { fleet } = account.world;
    await account.run(minutes(5));
    const service = serviceNamed(fleet, 'shop-inventory');
    const known = await account.within(() => kb.knowledge.resource(service.arn));
    const [of] = known!.alarms;
    const definition = service.definition;
    let sent = 0;
    const ring = (value: 'ALARM' | 'OK') =>
      account.delivery.put({
        id: `flap-${(sent += 1)}`,
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        time: account.clock.now(),
        region: 'eu-west-1',
        account: '111122223333',
        resources: [of!.arn],
        detail: { alarmName: of!.name, state: { value, timestamp: account.clock.now(), reason: 'it flaps' } },
      });

    for (let times = 0; times < 6; times += 1) {
      ring('ALARM');
      await account.run(minutes(4));
      ring('OK');
      await account.run(minutes(16));
    }

    const all = (await account.within(() => kb.incidents.byResource(service.arn, 20))).toReversed();
    expect(all.map(({ ending }) => ending?.kind)).toEqual(['noise', 'noise', 'noise', 'escalated', 'noise', 'noise']);
    expect(account.told).toHaveLength(1);
    expect(account.told[0]?.message).toContain('it flaps: the trouble has come and gone 4 times');
    expect(all.at(-1)?.ending?.why).toContain(`a person was told in incident ${all[3]?.incidentId}`);
    expect(all.flatMap(({ attempts }) => attempts)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(service.definition).toBe(definition);
  },
);
