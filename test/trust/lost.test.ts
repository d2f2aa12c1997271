import { expect, test } from 'vitest';
import { minutes, secondsBetween, type Instant } from '../../layers/core/units.ts';
import { incidentNamed } from '../../simulator/run/own/incidents.ts';
import { trial, type Trial } from '../../simulator/run/own/trial.ts';
import { SMOOTH, type BusEvent } from '../../simulator/run/delivery.ts';

/** Reconcile comes every five minutes; an alarm is left to its event for two. */
const INTERVAL = minutes(5);
const EVENT_COMES = minutes(2);
const MARGIN = 30;

const isAlarm = ({ source }: BusEvent) => source === 'aws.cloudwatch';
const isNamed = (type: string) => (event: BusEvent) => event['detail-type'] === type;
const isStatus = ({ source }: BusEvent) => source === 'aws.states';

const broken = ({ violations }: Trial) => violations.map(({ invariant, what }) => `${invariant}: ${what}`);
const openedAt = ({ all }: Trial): Instant => all.map(({ incident }) => incident.openedAt).sort()[0]!;

const LOST = {
  alarm: isAlarm,
  'ECS task': isNamed('ECS Task State Change'),
  'ECS deployment': isNamed('ECS Deployment State Change'),
  'ECS service action': isNamed('ECS Service Action'),
  'every event': () => true,
} as const;

test.each(Object.entries(LOST))(
  'an incident whose events of %s are lost is found by reconcile',
  async (_name, loses) => {
    const incidents = ['a bad deployment is rolled back', 'a bad parameter is restored', 'a bad task is stopped'];

    for (const name of incidents) {
      let alarmed: Instant | undefined;
      const found = await trial(incidentNamed(name), {
        travel: { ...SMOOTH, loses },
        onEntry: (account) =>
          account.watch(() => {
            // In trouble: an alarm says so, or ECS has nothing to say but that tasks end by themselves.
            const isAlarming = account.world.alarms.all.some(({ state }) => state.value === 'ALARM');
            if (isAlarming) alarmed ??= account.clock.now();
          }),
      });

      expect(broken(found)).toEqual([]);
      expect(secondsBetween(alarmed ?? found.entered, openedAt(found))).toBeLessThan(INTERVAL + EVENT_COMES + MARGIN);
    }
  },
);

test('an execution that is stopped without an event about it is brought to its end within the interval', async () => {
  let stoppedAt: Instant | undefined;
  const ended = await trial(incidentNamed('a bad parameter is restored'), {
    travel: { ...SMOOTH, loses: isStatus },
    interfere({ account, from, pair }) {
      if (stoppedAt === undefined && pair === 'Verify cloudwatch.GetMetricData') {
        stoppedAt = account.clock.now();
        account.machine.stop((from.payload as { incidentId: string }).incidentId);
      }
      return undefined;
    },
  });

  const closedAt = ended.all[0]!.incident.closedAt!;
  expect(broken(ended)).toEqual([]);
  expect(ended.ending).toBe('escalated: our-fault');
  expect(secondsBetween(stoppedAt!, closedAt)).toBeGreaterThan(2);
  expect(secondsBetween(stoppedAt!, closedAt)).toBeLessThan(INTERVAL + MARGIN);
});
