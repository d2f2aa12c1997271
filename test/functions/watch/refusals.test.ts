import type { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { judgeSign, earlySignals } from '../../../functions/detect/early/judge.ts';
import { normalise } from '../../../functions/intake/normalise.ts';
import { readFrom } from '../../../functions/watch/read.ts';
import { step } from '../../../functions/watch/series.ts';
import { signalsOf } from '../../../functions/watch/tell.ts';
import { togetherOf } from '../../../functions/watch/service.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { minutes } from '../../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import { seriesOf, type Points } from '../../../layers/core/watched-series.ts';
import { readSeries } from '../../../layers/runtime/observe/series.ts';
import { after, aResource } from '../../runtime/samples.ts';
import { event } from '../intake/events.ts';

const table = aResource({ arn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders', type: 'dynamodb-table' });
const reads = seriesOf(table).find(({ id }) => id === 'ReadThrottleEvents')!;
const epoch = (seconds: number): number => Date.parse(after(seconds)) / 1000;

/** A point a minute from the beginning on; what is read at the end of a minute reaches to two minutes before. */
const minutely = (...values: number[]): Points => values.map((value, n) => [epoch(60 * n), value]);
const quiet = Array<number>(20).fill(0);
const endOf = (points: Points): string => after(60 * (points.length + 1));
const look = (points: Points, kept?: Parameters<typeof step>[1], now = endOf(points)) =>
  step(reads, kept, points, now, DEFAULT_WATCH);

describe('calls that AWS refuses', () => {
  test('are watched of functions, aliases and tables, and of nothing else', () => {
    const of = (arn: string, type: 'ecs-service' | 'lambda-alias' | 'sqs-queue' | 'dynamodb-table') =>
      seriesOf(aResource({ arn, type })).flatMap(({ id, looksFor }) => (looksFor === 'refusals' ? id : []));

    expect(of('arn:aws:lambda:eu-west-1:111122223333:function:quote:live', 'lambda-alias')).toEqual(['Throttles']);
    expect(of(table.arn, 'dynamodb-table')).toEqual(['ReadThrottleEvents', 'WriteThrottleEvents']);
    expect(of('arn:aws:sqs:eu-west-1:111122223333:orders', 'sqs-queue')).toEqual([]);
    expect(togetherOf(seriesOf(table))).toEqual([]); // nor do they make three metrics of two
  });

  test('in three of five minutes are told, from the first of them on', () => {
    const seen = look(minutely(...quiet, 8, 0, 12, 9));

    expect(seen.refused).toEqual({ at: epoch(20 * 60), value: 9, periods: 3, of: 5 });
  });

  test.each([
    ['a burst of a minute or two', [0, 500, 400, 0, 0]],
    ['what ended a quarter of an hour ago', [9, 9, 9, ...quiet]],
    ['nothing', [0, 0, 0]],
  ])('%s is not told', (_, values) => {
    const points = minutely(...quiet, ...values);

    expect(look(points)).toEqual({ series: reads });
  });

  test('are told once while they go on, and again only after hours without', () => {
    const first = look(minutely(...quiet, 9, 9, 9));
    const going = minutely(...quiet, ...Array<number>(90).fill(9));
    const still = look(going, first.keep);
    const later = minutely(...quiet, ...Array<number>(90).fill(9), ...Array<number>(180).fill(0), 5, 5, 5);

    expect(still).toMatchObject({ keep: { version: 2 } });
    expect(still.refused).toBeUndefined();
    expect(look(going.slice(0, -60), first.keep)).toEqual({ series: reads }); // nothing to write yet
    expect(look(later, still.keep).refused).toMatchObject({ value: 5 });
  });

  test('become a signal that opens an incident, and that Detect finds still there, or gone', () => {
    const points = minutely(...quiet, 8, 9, 12);
    const [signal, ...others] = signalsOf(table.arn, [look(points)]);
    const told = event({ source: 'prunella', type: 'Prunella Signal', time: endOf(points), detail: signal });

    const reading = normalise(told, endOf(points));

    expect(others).toEqual([]);
    expect(reading).toMatchObject({
      kind: 'signal',
      effect: 'opens',
      about: { resource: table.arn },
      signal: {
        kind: 'anomaly',
        detector: 'refusals',
        summary: expect.stringContaining('AWS refuses calls to orders'),
      },
    });
    const [early] = earlySignals([signal!]);
    const judged = (...since: number[]) => judgeSign(early!, reads, minutely(...quiet, 8, 9, 12, ...since), 0).kind;
    expect(judged(10, 11)).toBe('still');
    expect(judged(0, 0, 0)).toBe('gone');
  });

  test('are read of the last hour, a period without a point being one without refusals', async () => {
    const now = after(3 * 3600);
    const asked: GetMetricDataCommand[] = [];
    const send = (command: GetMetricDataCommand) => {
      asked.push(command);
      const points = [epoch(3 * 3600 - minutes(10))];
      return Promise.resolve({
        MetricDataResults: [{ Id: 's0', Timestamps: points.map((at) => new Date(at * 1000)), Values: [7] }],
      });
    };

    const from = readFrom(reads, null, now);
    const points = (await readSeries([{ series: reads, from }], now, { cloudwatch: { send } } as unknown as Aws)).get(
      reads,
    )!;

    expect(from).toBe(epoch(2 * 3600));
    expect(points).toHaveLength(59);
    expect(points.filter(([, value]) => value > 0)).toEqual([[epoch(3 * 3600 - minutes(10)), 7]]);
  });
});
