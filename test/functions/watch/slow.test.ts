import { describe, expect, it } from 'vitest';
import { watchBatch, type WatchPorts } from '../../../functions/watch/watch.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { parseNamedMetric, type NamedMetric } from '../../../layers/core/named-metric.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds, hours, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import type { JudgedForecast, KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { batchesOf } from '../../../layers/runtime/observe/series.ts';
import { forecastFrom } from '../../../functions/detect/forecast/foretold.ts';
import { aResource } from '../../runtime/samples.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { seriesOf } from '../../../layers/core/watched-series.ts';

const DAY: Seconds = 86_400;
const START: Instant = '2026-03-01T00:00:00.000Z';
const EPOCH = Date.parse(START) / 1000;
const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/1';

interface Query {
  readonly Id: string;
  readonly MetricStat: { readonly Period: Seconds };
}

/** A tagged resource that is looked at for some days; `valueOf` is what CloudWatch has for a period, by the day it begins. */
function watched(tag: string, valueOf: (day: number) => number | undefined) {
  const metric = parseNamedMetric('limit', tag) as NamedMetric;
  const resource: Resource = aResource({ arn: ARN, type: 'load-balancer', metrics: [metric] });
  const kept = new Map<string, KeptSeries>();
  const told: { readonly day: number; readonly signal: Signal }[] = [];
  const judged: JudgedForecast[] = [];
  let [now, reads] = [START, 0];
  const send = ({ input }: { input: unknown }) => {
    const { StartTime, MetricDataQueries } = input as { StartTime: Date; MetricDataQueries: Query[] };
    const to = Date.parse(now) / 1000;
    return Promise.resolve({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Period } }) => {
        reads += 1;
        const points: [Date, number][] = [];
        for (let at = Math.ceil(StartTime.getTime() / 1000 / Period) * Period; at < to; at += Period) {
          const value = valueOf((at - EPOCH) / DAY);
          if (value !== undefined) points.push([new Date(at * 1000), value]);
        }
        return { Id, Timestamps: points.map(([at]) => at), Values: points.map(([, value]) => value) };
      }),
    });
  };
  const dayOf = () => (Date.parse(now) / 1000 - EPOCH) / DAY;
  const ports: WatchPorts = {
    aws: { cloudwatch: { send } } as unknown as Aws,
    resources: () => Promise.resolve([resource]),
    kept: () => Promise.resolve(kept),
    keep: ({ arn, id }, series, one) => {
      kept.set(`${arn} ${id}`, series);
      if (one) judged.push(one);
      return Promise.resolve(true);
    },
    hasten: () => Promise.resolve(),
    changes: () => Promise.resolve([]),
    modelsInUse: () => Promise.resolve(new Map()),
    foretoldFailures: () => Promise.resolve(new Map()),
    rememberFailing: () => Promise.resolve(true),
    tell: (signals) => Promise.resolve(void told.push(...signals.map((signal) => ({ day: dayOf(), signal })))),
  };
  return {
    metric,
    told,
    judged,
    reads: () => reads,
    async pass(days: number, every: Seconds = DAY) {
      for (const until = dayOf() + days; dayOf() < until; now = addSeconds(now, every))
        await watchBatch([ARN], ports, DEFAULT_WATCH, now);
    },
  };
}

const inDays = ({ signal }: { readonly signal: Signal }): number =>
  signal.kind === 'forecast' ? (signal.foretold?.inSeconds ?? Number.NaN) / DAY : Number.NaN;

describe('a certificate that is not renewed', { timeout: 60_000 }, () => {
  const tag =
    'AWS/CertificateManager DaysToExpiry CertificateArn=arn:aws:acm:eu-west-1:111122223333:certificate/c below=14 stat=Minimum period=86400 horizon=30d';
  /** 90 days are left at the start; renewed on the day that is told. */
  const left =
    (renewed: number) =>
    (day: number): number | undefined =>
      day < -60 ? undefined : Math.floor(day < renewed ? 90 - day : 198 - (day - renewed));

  it('is foretold a month ahead, and again at half of the time, until it has a day left', async () => {
    const account = watched(tag, left(Infinity));

    await account.pass(74);

    const [first, second, ...others] = account.told;
    expect(inDays(first!)).toBeGreaterThan(28);
    expect(inDays(first!)).toBeLessThanOrEqual(30.5);
    expect(first!.signal.summary).toMatch(
      /^DaysToExpiry of shop\/1 is 4\d and reaches its limit of 14 in (29|30) days/,
    );
    expect(second!.day - first!.day).toBeGreaterThan(14);
    expect(inDays(second!)).toBeGreaterThan(12);
    expect(others.length).toBeLessThanOrEqual(3);
    expect(account.judged).toEqual([]);
  });

  it('that is renewed is not told of again, and nobody counts its forecast as wrong', async () => {
    const account = watched(tag, left(55));

    await account.pass(55);
    const before = account.told.length;
    await account.pass(40);

    expect(before).toBeGreaterThan(0);
    expect(account.told).toHaveLength(before);
    expect(account.judged).toEqual([]);
  });

  it('is told of at once where it is at its limit when it is first seen', async () => {
    const account = watched(tag, (day) => (day < 0 ? undefined : 10 - day));

    await account.pass(6);

    expect(account.told.map(({ signal }) => signal.summary)).toEqual([
      'DaysToExpiry of shop/1 is 10, at its limit of 14.',
    ]);
  });

  it('is read twice a day, however often its resource is', async () => {
    const account = watched(tag, left(Infinity));

    await account.pass(5, hours(0.5));

    expect(account.reads()).toBeLessThanOrEqual(11);
  });
});

describe('a quota that fills up over weeks', { timeout: 60_000 }, () => {
  const tag = 'AWS/Usage ResourceCount Service=EC2 Resource=vCPU above=1000 stat=Maximum period=86400 horizon=30d';
  const random = seeded(4);
  const noise = Array.from({ length: 500 }, () => random() - 0.5);
  const used =
    (perDay: number) =>
    (day: number): number =>
      600 + perDay * Math.max(0, day) + 5 * Math.sin((2 * Math.PI * day) / 7) + 8 * noise[Math.round(day) + 300]!;

  it('is foretold weeks ahead, with its interval', async () => {
    const account = watched(tag, used(6));

    await account.pass(60);

    const [first] = account.told;
    const left = 400 / 6 - first!.day;
    const told = first!.signal.kind === 'forecast' ? first!.signal.foretold! : undefined;
    expect(left).toBeGreaterThan(14);
    expect(told!.earliest / DAY).toBeLessThan(left);
    expect(told!.latest! / DAY).toBeGreaterThan(left);
    expect(told!.inSeconds / DAY / left).toBeGreaterThan(0.7);
    expect(told!.inSeconds / DAY / left).toBeLessThan(1.3);
  });

  it('that stays as it is tells nothing for a quarter', async () => {
    const account = watched(tag, used(0));

    await account.pass(90);

    expect(account.told).toEqual([]);
  });
});

describe('a tag with a horizon', () => {
  const read = (words: string) => parseNamedMetric('limit', `N M D=a below=14 ${words}`);

  it('says how far ahead its limit is foretold', () => {
    expect(read('period=86400 horizon=30d')).toMatchObject({ period: 86_400, horizon: 30 * DAY });
    expect(read('period=300 horizon=12h')).toMatchObject({ horizon: 12 * 3600 });
    expect(read('')).not.toHaveProperty('horizon');
  });

  it.each([
    ['period=86400', 'names its horizon'],
    ['period=86400 horizon=1d', 'at least two periods'],
    ['period=86400 horizon=91d', 'at most 90d'],
    ['horizon=soon', 'at least two periods'],
    ['period=172800 horizon=30d', 'up to a day'],
  ])('is refused with what would be right where it says %s', (words, why) => {
    expect(read(words)).toMatchObject({ misread: expect.stringContaining(why) as string });
  });
});

it('what is read for months is not asked for beside points that CloudWatch does not keep for so long', () => {
  const now = EPOCH;
  const [daily] = seriesOf(
    aResource({
      type: 'load-balancer',
      arn: ARN,
      metrics: [parseNamedMetric('limit', 'N M above=1 period=86400 horizon=30d') as NamedMetric],
    }),
  );
  const [fine] = seriesOf(aResource());
  const wanted = [daily!, fine!].map((series) => ({ series, from: forecastFrom(series.period, START) }));

  const batches = batchesOf(wanted, now);

  expect(batches.map((batch) => batch.map(({ series }) => series.period))).toEqual([[86_400], [60]]);
});
