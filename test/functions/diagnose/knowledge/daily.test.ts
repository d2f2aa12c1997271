import { describe, expect, test } from 'vitest';
import { historyOf, nightly, PLANTED, START } from '../../../../bench/sequences/histories.ts';
import { dailyOf } from '../../../../functions/diagnose/knowledge/daily.ts';
import type { Occurrence } from '../../../../functions/diagnose/knowledge/sequences.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';
import { hours, minutes, type Seconds } from '../../../../layers/core/units.ts';

const arn = (name: string): string => `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`;
const came = (name: string, at: Seconds): Occurrence => ({
  incidentId: `incident ${name} ${at}`,
  resource: arn(name),
  fault: 'overload',
  at: START + at,
  confirmed: false,
});
const nights = (at: Seconds): Occurrence[] =>
  [1, 3, 4, 9].map((night, n) => came('report', hours(24) * night + at + minutes(4 * n)));

describe('what comes by the clock', () => {
  test('is told with its time of the day, and how often it came at all', () => {
    const found = dailyOf([...nights(hours(2)), came('report', hours(24 * 11 + 15))]);

    expect(found).toMatchObject([
      {
        trouble: { resource: arn('report'), fault: 'overload' },
        times: 4,
        came: 5,
        from: 7200,
        to: 7200 + minutes(12),
      },
    ]);
  });

  test('may come around midnight', () => {
    const [found] = dailyOf(nights(hours(24) - minutes(6)));

    expect(found).toMatchObject({ times: 4, from: hours(24) - minutes(6), to: minutes(6) });
  });

  test('is not told of three times at nine where trouble comes in office hours, and is at two in the night', () => {
    const others = Array.from({ length: 12 }, (_, n) => `service-${n}`).flatMap((name, n) =>
      [0, 1, 2, 5, 6].map((day) => came(name, hours(24) * day + hours(8 + 0.8 * n) + minutes(25 * day))),
    );

    expect(dailyOf([...nights(hours(9)).slice(0, 3), ...others])).toEqual([]);
    expect(dailyOf([...nights(hours(2)).slice(0, 3), ...others])).toHaveLength(1);
  });

  test('is not told of what came three times, each at another time', () => {
    expect(dailyOf([1, 5, 9].map((n) => came('report', hours(25 * n))))).toEqual([]);
  });

  test('is hardly ever told of office hours, and always of four nights', () => {
    const random = seeded(3);
    const office = { way: 'on weekdays from 8 to 18 h', resources: 4, days: 60, returns: 0 } as const;
    const histories = Array.from({ length: 40 }, () => historyOf(office, random));

    const falsely = histories.filter(({ occurrences }) => dailyOf(occurrences).length > 0);
    const found = histories.filter((history) =>
      dailyOf(nightly(history, 4, random).occurrences).some(
        ({ trouble }) => trouble.resource === PLANTED.first.resource,
      ),
    );

    expect(falsely.length).toBeLessThan(6);
    expect(found.length).toBe(40);
  });
});
