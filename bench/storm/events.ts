/** The alarms of a fleet that is hit all at once, as EventBridge delivers them: late, twice, out of order, wrongly dated. */
import type { Random } from '../../sandbox/load/random.ts';
import { Resource } from '../../layers/core/inventory.ts';
import { addSeconds, hours, minutes, type Instant } from '../../layers/core/units.ts';

const HOME = { account: '111122223333', region: 'eu-west-1' } as const;

/** Clocks of senders differ from ours by up to so much, in either direction. */
const SKEW = minutes(4);
const SHARES = { repeated: 0.1, dayOld: 0.03, ok: 0.2, insufficient: 0.05 } as const;

export interface StormMessage {
  readonly messageId: string;
  readonly body: string;
}

export interface StormEvent {
  readonly id: string;
  readonly resource: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly at: Instant;
}

export const alarmOf = (resource: string): string =>
  `arn:aws:cloudwatch:${HOME.region}:${HOME.account}:alarm:errors-of-${resource.split('/').at(-1)}`;

/** Services of one fleet, each with one alarm. */
export const fleetOf = (fleet: string, size: number, seenAt: Instant): Resource[] =>
  Array.from({ length: size }, (_, n) => {
    const arn = `arn:aws:ecs:${HOME.region}:${HOME.account}:service/${fleet}/service-${n}`;
    const alarms = [{ arn: alarmOf(arn), name: alarmOf(arn).split(':alarm:')[1], kind: 'metric', criteria: [] }];
    return Resource.parse({ arn, type: 'ecs-service', mode: 'heal', modeFrom: 'tag', fleet, alarms, seenAt });
  });

/** Every resource goes to ALARM once; further events are of any. About a tenth is delivered twice. In no order. */
export function stormOf(resources: readonly Resource[], count: number, at: Instant, random: Random): StormEvent[] {
  const first = resources.slice(0, count).map(({ arn }, n): StormEvent => ({
    id: `event-${n}`,
    resource: arn,
    state: 'ALARM',
    at: addSeconds(at, Math.round((random() * 2 - 1) * SKEW)),
  }));
  const events = [...first];
  while (events.length < count) {
    const repeated = random() < SHARES.repeated ? events[Math.floor(random() * events.length)] : undefined;
    events.push(repeated ?? anyEvent(resources, events.length, at, random));
  }
  return shuffled(events, random);
}

function anyEvent(resources: readonly Resource[], n: number, now: Instant, random: Random): StormEvent {
  const resource = resources[Math.floor(random() * resources.length)]?.arn ?? '';
  const draw = random();
  const state = draw < SHARES.ok ? 'OK' : draw < SHARES.ok + SHARES.insufficient ? 'INSUFFICIENT_DATA' : 'ALARM';
  const skew = Math.round((random() * 2 - 1) * SKEW);
  const age = random() < SHARES.dayOld ? hours(24) : 0;
  return { id: `event-${n}`, resource, state, at: addSeconds(now, skew - age) };
}

/** Fisher and Yates' shuffle. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const list = [...items];
  for (let n = list.length - 1; n > 0; n -= 1) {
    const other = Math.floor(random() * (n + 1));
    [list[n], list[other]] = [list[other] as T, list[n] as T];
  }
  return list;
}

/** As it lies in the queue; the same event twice is two messages. */
export const messageOf = ({ id, resource, state, at }: StormEvent, n: number): StormMessage => ({
  messageId: `message-${n}`,
  body: JSON.stringify({
    version: '0',
    id,
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: HOME.account,
    region: HOME.region,
    time: at,
    resources: [alarmOf(resource)],
    detail: {
      alarmName: alarmOf(resource).split(':alarm:')[1],
      state: { value: state, timestamp: at.replace('Z', '+0000'), reason: 'Threshold Crossed' },
    },
  }),
});
