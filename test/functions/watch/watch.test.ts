import { describe, expect, it } from 'vitest';
import { readFrom } from '../../../functions/watch/read.ts';
import { watchBatch, type WatchPorts } from '../../../functions/watch/watch.ts';
import type { Aws, AwsClient } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import { seriesOf } from '../../../layers/core/watched-series.ts';
import { batchesOf } from '../../../layers/runtime/observe/series.ts';
import type { JudgedForecast, KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { aResource } from '../../runtime/samples.ts';

const NOW = '2026-11-15T00:00:00.000Z';
const EPOCH = Date.parse(NOW) / 1000;

interface Asked {
  readonly StartTime: Date;
  readonly MetricDataQueries: { Id: string; MetricStat: { Metric: { MetricName: string }; Period: number } }[];
}

/** CloudWatch with one value for each metric and time. */
function cloudwatch(valueOf: (metric: string, at: number) => number | undefined) {
  const asked: Asked[] = [];
  const client = {
    send: (command: { input: unknown }) => {
      const input = command.input as Asked;
      asked.push(input);
      const from = input.StartTime.getTime() / 1000;
      const MetricDataResults = input.MetricDataQueries.map(({ Id, MetricStat: { Metric, Period } }) => {
        const times = Array.from({ length: Math.floor((EPOCH - from) / Period) }, (_, i) => from + i * Period);
        const known = times.flatMap((at) => {
          const value = valueOf(Metric.MetricName, at);
          return value === undefined ? [] : [{ at, value }];
        });
        return { Id, Timestamps: known.map(({ at }) => new Date(at * 1000)), Values: known.map(({ value }) => value) };
      });
      return Promise.resolve({ MetricDataResults });
    },
  } as unknown as AwsClient;
  return { aws: { cloudwatch: client } as unknown as Aws, asked };
}

function world(resources: readonly Resource[], valueOf: (metric: string, at: number) => number | undefined) {
  const { aws, asked } = cloudwatch(valueOf);
  const kept = new Map<string, KeptSeries>();
  const told: Signal[] = [];
  const judged: JudgedForecast[] = [];
  const hastened: string[] = [];
  const ports: WatchPorts = {
    aws,
    resources: (arns) => Promise.resolve(resources.filter(({ arn }) => arns.includes(arn))),
    kept: () => Promise.resolve(kept),
    keep: ({ arn, id }, series, one) => {
      kept.set(`${arn} ${id}`, series);
      if (one) judged.push(one);
      return Promise.resolve(true);
    },
    hasten: (_, due) => Promise.resolve(void hastened.push(due)),
    changes: () => Promise.resolve([]),
    modelsInUse: () => Promise.resolve(new Map()),
    foretoldFailures: () => Promise.resolve(new Map()),
    rememberFailing: () => Promise.resolve(true),
    tell: (signals) => Promise.resolve(void told.push(...signals)),
  };
  return { ports, asked, kept, told, judged, hastened };
}

const leaking = (metric: string, at: number): number | undefined => {
  if (metric === 'CPUUtilization') return 30 + Math.sin(at);
  const minutes = (at - EPOCH) / 60 + 40;
  return 20 + Math.max(0, minutes) + 0.3 * Math.sin(at);
};

describe('a batch', () => {
  it('tells of the service that leaks, with the words people use, and of no other', { timeout: 60_000 }, async () => {
    const [ill, well] = [aResource(), aResource()];
    const { ports, told, hastened } = world([ill], leaking);
    const other = world([well], (metric, at) =>
      metric === 'CPUUtilization' ? leaking(metric, at) : 20 + Math.sin(at),
    );

    const watched = await watchBatch([ill.arn], ports, DEFAULT_WATCH, NOW);
    await watchBatch([well.arn], other.ports, DEFAULT_WATCH, NOW);

    expect(watched).toMatchObject({ resources: 1, series: 3, forecasts: 1 });
    expect(told.map(({ kind, resource }) => [kind, resource])).toEqual([['forecast', ill.arn]]);
    expect(told[0]!.summary).toMatch(
      /^MemoryUtilization of .* is \d+(\.\d)? and reaches its limit of 100 in \d+ min \(90 %: \d+-\d+\)\.$/,
    );
    expect(hastened[0]! > NOW).toBe(true);
    expect(other.told).toEqual([]);
  });

  it(
    'tells the same news once when it is taken again, and remembers only after it was told',
    { timeout: 60_000 },
    async () => {
      const ill = aResource();
      const { ports, told, kept } = world([ill], leaking);
      const refused = { ...ports, tell: () => Promise.reject(new Error('the bus is full')) };

      await expect(watchBatch([ill.arn], refused, DEFAULT_WATCH, NOW)).rejects.toThrow('the bus is full');
      expect(kept.size).toBe(0);

      await watchBatch([ill.arn], ports, DEFAULT_WATCH, NOW);
      await watchBatch([ill.arn], ports, DEFAULT_WATCH, NOW);
      expect(told).toHaveLength(1);
    },
  );

  it('names every metric that stands out, against what is usual', { timeout: 60_000 }, async () => {
    const service = aResource();
    const surge = EPOCH - 900;
    const { ports, told } = world([service], (metric, at) => {
      const usual = 30 + 5 * Math.sin((2 * Math.PI * at) / 86_400) + Math.sin(at * 1.7);
      return at < surge ? usual : metric === 'CPUUtilization' ? 95 : 70;
    });

    await watchBatch([service.arn], ports, DEFAULT_WATCH, addSeconds(NOW, -3600));
    await watchBatch([service.arn], ports, DEFAULT_WATCH, NOW);

    const [anomaly] = told;
    expect(anomaly).toMatchObject({ kind: 'anomaly', resource: service.arn });
    const carriers = anomaly!.kind === 'anomaly' ? (anomaly!.carriers ?? []) : [];
    expect(carriers.map(({ series }) => series).sort()).toEqual(['CPUUtilization', 'MemoryUtilization']);
    for (const { value, usual } of carriers) expect(value).toBeGreaterThan(usual.high);
    expect(anomaly!.summary).toContain('usual is');
  });

  it('reads each series from its own last point, in one call where all begin alike', { timeout: 60_000 }, async () => {
    const services = [aResource(), aResource()];
    const { ports, asked, kept } = world(services, leaking);

    await watchBatch(
      services.map(({ arn }) => arn),
      ports,
      DEFAULT_WATCH,
      NOW,
    );
    const calls = asked.length;
    asked.length = 0;
    for (const [name, series] of kept) kept.set(name, { ...series, last: EPOCH - 900 });
    await watchBatch(
      services.map(({ arn }) => arn),
      ports,
      DEFAULT_WATCH,
      NOW,
    );

    expect(calls).toBeLessThanOrEqual(2);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.MetricDataQueries).toHaveLength(6);
  });

  it('learns all metrics of a resource together at its first look, and looks back less from then on', async () => {
    const service = aResource();
    const lately = (metric: string, at: number): number | undefined =>
      at < EPOCH - 4 * 86_400 ? undefined : metric === 'CPUUtilization' ? 30 + Math.sin(at) : 20 + Math.cos(at);
    const { ports, asked, kept } = world([service], lately);
    const back = (): number => EPOCH - Math.min(...asked.splice(0).map(({ StartTime }) => StartTime.getTime() / 1000));

    await watchBatch([service.arn], ports, DEFAULT_WATCH, NOW);
    const learned = kept.get(`${service.arn} together`);
    expect(back()).toBe(14 * 86_400);
    await watchBatch([service.arn], ports, DEFAULT_WATCH, NOW);

    expect(learned?.detector).toBeInstanceOf(Uint8Array);
    expect(back()).toBeLessThanOrEqual(86_400); // a forecast looks back a day
    expect(kept.get(`${service.arn} together`)).toBe(learned);
  });

  it('fails as a whole when CloudWatch throttles, so that the queue delivers it again', async () => {
    const service = aResource();
    const { ports } = world([service], leaking);
    const cloud = { send: () => Promise.reject(new Error('Throttling')) } as unknown as AwsClient;

    await expect(
      watchBatch([service.arn], { ...ports, aws: { ...ports.aws, cloudwatch: cloud } }, DEFAULT_WATCH, NOW),
    ).rejects.toThrow('Throttling');
  });
});

describe('reading', () => {
  const series = seriesOf(aResource());

  it('never asks for more metrics or points in a call than CloudWatch answers', () => {
    const wanted = Array.from({ length: 1300 }, (_, n) => {
      const one = series[n % series.length]!;
      return { series: one, from: readFrom(one, n % 7 === 0 ? null : EPOCH - 600 * (n % 50), NOW) };
    });

    const batches = batchesOf(wanted, EPOCH);

    expect(batches.flat()).toHaveLength(1300);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(500);
      const points = batch.reduce(
        (sum, { series: { period } }) => sum + Math.ceil((EPOCH - batch[0]!.from) / period),
        0,
      );
      expect(points).toBeLessThanOrEqual(100_800);
    }
  });

  it('begins where CloudWatch still has points of that period', () => {
    const [fine] = seriesOf(
      aResource({
        metrics: [
          {
            id: 'limit:M',
            namespace: 'N',
            metric: 'M',
            dimensions: {},
            stat: 'Maximum',
            period: 10,
            limit: { value: 1, when: 'above' },
          },
        ],
      }),
    );

    expect(EPOCH - readFrom(fine!, null, NOW)).toBeLessThanOrEqual(3 * 3600);
    expect(
      EPOCH -
        readFrom(
          series.find(({ period }) => period === 300)!,
          null,
          NOW,
        ),
    ).toBe(14 * 86_400);
  });
});
