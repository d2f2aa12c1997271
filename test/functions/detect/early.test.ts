import { describe, expect, it } from 'vitest';
import { harmless } from '../../../functions/detect/early/harmless.ts';
import {
  earlySignals,
  isOdd,
  judgeSign,
  judgeSpoken,
  spokenIn,
  type EarlySignal,
} from '../../../functions/detect/early/judge.ts';
import { signsOf } from '../../../functions/detect/early/look.ts';
import { withSigns } from '../../../functions/detect/real.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { isPredicted, type Carrier, type Signal } from '../../../layers/core/signal.ts';
import { isOfTemplate } from '../../../layers/core/log-template.ts';
import type { WatchedSeries } from '../../../layers/core/watched-series.ts';
import { aResource } from '../../runtime/samples.ts';

const resource = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const AT = Date.parse('2026-11-01T12:00:00.000Z') / 1000;
const memory: WatchedSeries = {
  id: 'memory',
  resource,
  metric: { id: 'm', namespace: 'AWS/ECS', metric: 'MemoryUtilization', dimensions: {}, stat: 'Maximum', period: 60 },
  period: 60,
  looksFor: 'forecast',
  limit: { value: 100, when: 'above' },
};
const forecast: EarlySignal = {
  kind: 'forecast',
  id: 'f',
  at: '2026-11-01T12:00:00.000Z',
  resource,
  summary: 'memory runs out',
  detector: 'exhaustion',
  expectedAt: '2026-11-01T12:40:00.000Z',
  foretold: {
    series: 'memory',
    limit: { value: 100, when: 'above' },
    value: 60,
    slope: 1 / 60,
    inSeconds: 2400,
    earliest: 2000,
    latest: 2800,
    probability: 0.99,
    horizon: 7200,
  },
};
const carrier: Carrier = { series: 'Latency', value: 400, usual: { low: 80, high: 120 } };
const anomaly: EarlySignal = {
  kind: 'anomaly',
  id: 'a',
  at: '2026-11-01T12:00:00.000Z',
  resource,
  summary: 'latency is odd',
  detector: 'calibrated-ensemble',
  score: 1,
  carriers: [carrier],
};
const latency: WatchedSeries = {
  ...memory,
  id: 'Latency',
  looksFor: 'anomaly',
  metric: { ...memory.metric, metric: 'Latency' },
};

/** A point a minute up to `minutes` after the signal; the rise began forty minutes before it. */
const points = (minutes: number, valueAt: (minute: number) => number): [number, number][] =>
  Array.from({ length: 120 + minutes }, (_, i) => [AT + (i - 120) * 60, valueAt(i - 120)]);
const rising = (minute: number): number => 20 + Math.max(0, minute + 40) + 0.1 * Math.sin(minute);

describe('a forecast on fresh points', () => {
  it('is still true while it rises, and says how long it is by now', () => {
    const sign = judgeSign(forecast, memory, points(10, rising), AT + 600);

    expect(sign.kind).toBe('still');
    expect(sign.why).toMatch(/^MemoryUtilization is 69(\.\d)? and reaches its limit of 100 in \d+ min/);
    expect('foretold' in sign && sign.foretold!.inSeconds / 60).toBeCloseTo(30, -1);
  });

  it('is gone when the rise has stopped for long, or was freed', () => {
    const level = points(20, (minute) => rising(Math.min(minute, 0)) + 0.3 * Math.sin(minute * 2));
    const freed = points(10, (minute) => (minute > 2 ? 18 : rising(minute)));

    expect(judgeSign(forecast, memory, level, AT + 1200).kind).toBe('gone');
    expect(judgeSign(forecast, memory, freed, AT + 600)).toMatchObject({ kind: 'gone' });
  });

  it('has come true when the limit is reached', () => {
    const sign = judgeSign(forecast, memory, points(50, rising), AT + 3000);

    expect(sign).toMatchObject({ kind: 'still', foretold: { inSeconds: 0 } });
  });

  it('that its limit was reached is gone once it left it, on whichever side that is', () => {
    const { foretold } = forecast as Extract<Signal, { kind: 'forecast' }>;
    const reached = (limit: { value: number; when: 'above' | 'below' }): EarlySignal =>
      ({ ...forecast, foretold: { ...foretold!, limit, value: limit.value, slope: 0, inSeconds: 0 } }) as EarlySignal;
    const stands = (value: number) => points(5, () => value);

    expect(judgeSign(reached({ value: 100, when: 'above' }), memory, stands(40), AT + 300).kind).toBe('gone');
    expect(judgeSign(reached({ value: 5, when: 'below' }), memory, stands(40), AT + 300).kind).toBe('gone');
    expect(judgeSign(reached({ value: 5, when: 'below' }), memory, stands(4), AT + 300).kind).toBe('still');
  });

  it('is not known to be gone where nothing was measured: missing data is no sign of health', () => {
    const sign = judgeSign(forecast, memory, [], AT + 600);

    expect(sign).toMatchObject({
      kind: 'unknown',
      again: 60,
      foretold: { inSeconds: 1800, earliest: 1400, latest: 2200 },
    });
  });
});

describe('an anomaly on fresh points', () => {
  const values = (...after: number[]): [number, number][] => [
    [AT - 60, 100],
    ...after.map((value, i): [number, number] => [AT + i * 60, value]),
  ];

  it('is still there while two of the newest three points are nearer to what alerted than to what is usual', () => {
    expect(judgeSign(anomaly, latency, values(400, 390), AT + 200).kind).toBe('still');
    expect(judgeSign(anomaly, latency, values(400, 390, 100), AT + 200).kind).toBe('still');
    expect(judgeSign(anomaly, latency, values(400, 100, 105), AT + 300)).toMatchObject({
      kind: 'gone',
      why: 'Latency is 105, usual is 80 to 120: as usual again',
    });
  });

  it('cannot be judged before there is another point', () => {
    expect(judgeSign(anomaly, latency, values(400), AT + 30)).toMatchObject({ kind: 'unknown', again: 60 });
  });

  it('below what is usual is judged from below, and one that was odd only for its hour by its side of the middle', () => {
    expect(isOdd({ ...carrier, value: 0 }, 10)).toBe(true);
    expect(isOdd({ ...carrier, value: 0 }, 70)).toBe(false);
    expect(isOdd({ ...carrier, value: 115 }, 118)).toBe(true);
    expect(isOdd({ ...carrier, value: 115 }, 85)).toBe(false);
  });
});

describe('what the signs make of an incident', () => {
  const noise = { kind: 'noise', why: ['all is quiet'] } as const;
  const still = { kind: 'still', why: 'it rises' } as const;
  const gone = { kind: 'gone', why: 'it fell' } as const;

  it('is real while one is still there, noise when all are gone, unclear while one is not known', () => {
    expect(withSigns(noise, [gone, still])).toEqual({ kind: 'real', why: ['it rises'] });
    expect(withSigns(noise, [gone])).toEqual({ kind: 'noise', why: ['it fell', 'all is quiet'] });
    expect(withSigns(noise, [gone, { kind: 'unknown', why: 'no points', again: 300 }])).toMatchObject({
      kind: 'unclear',
      again: 300,
    });
  });

  it('leaves real trouble real, and what has no sign as it is', () => {
    const real = { kind: 'real', why: ['requests fail'] } as const;

    expect(withSigns(real, [gone])).toBe(real);
    expect(withSigns(noise, [])).toBe(noise);
  });

  it('is predicted while forecasts alone tell of it', () => {
    const alarm = {
      kind: 'alarm',
      id: 'x',
      at: forecast.at,
      resource,
      summary: '',
      alarm: 'a',
      alarmArn: resource,
    } as const;

    expect(isPredicted([forecast])).toBe(true);
    expect(isPredicted([forecast, { ...alarm, state: 'OK' }])).toBe(true);
    expect(isPredicted([forecast, { ...alarm, state: 'ALARM' }])).toBe(false);
    expect(isPredicted([anomaly])).toBe(false);
    const there = {
      ...forecast,
      foretold: { ...(forecast as Extract<Signal, { kind: 'forecast' }>).foretold!, inSeconds: 0 },
    };
    expect(isPredicted([forecast, there as Signal])).toBe(false);
    expect(isPredicted([])).toBe(false);
  });

  it('is asked of the newest signal of each series that says what it is about', () => {
    const older: Signal = { ...forecast, id: 'older', at: '2026-11-01T11:00:00.000Z' };
    const { foretold: _, ...other } = forecast as Extract<Signal, { kind: 'forecast' }>;

    expect(earlySignals([forecast, older, anomaly, { ...other, id: 'someone else' }]).map(({ id }) => id)).toEqual([
      'f',
      'a',
    ]);
  });
});

describe('a message that was new in a log', () => {
  const message = { group: '/app/api', template: 'no ledger keeps article <*> of <*>', lines: 20, usual: 0 };
  const signal = { kind: 'anomaly' as const, detector: 'new-template', score: 1, messages: [message] as const };
  const told = (at: string) => ({
    ...signal,
    id: at,
    at,
    resource: 'r',
    summary: 'it is logged.',
    messages: [message],
  });

  it('is still there while it is logged, gone after five minutes of silence, and believed where nothing can be read', () => {
    const [spoken] = spokenIn([told('2026-11-01T12:00:00.000Z')]);

    expect(judgeSpoken(spoken!, [700, 950], 1000)).toMatchObject({ kind: 'still' });
    expect(judgeSpoken(spoken!, [600], 1000).kind).toBe('gone');
    expect(judgeSpoken(spoken!, undefined, 1000).kind).toBe('still');
  });

  it('is looked for beside every other of the same signal', async () => {
    const second = { ...message, template: 'the ledger is torn' };
    const both: Signal = { ...told('2026-11-01T12:00:00.000Z'), messages: [message, second] };
    const at = Date.parse('2026-11-01T12:09:00.000Z');
    let asked = 0;
    const send = () => {
      asked += 1;
      return Promise.resolve({
        events: [
          { timestamp: at, message: 'Error\nthe ledger is torn' },
          { timestamp: at, message: 'the ledger is torn' },
        ],
      });
    };

    const signs = await signsOf([both], aResource(), '2026-11-01T12:10:00.000Z', { logs: { send } } as unknown as Aws);

    expect(signs.map(({ kind }) => kind)).toEqual(['gone', 'still']);
    expect(asked).toBe(1);
  });

  it('is looked for once, as it was last told, and found again in what is logged', () => {
    const signals = [told('2026-11-01T12:10:00.000Z'), told('2026-11-01T12:00:00.000Z')];

    expect(spokenIn(signals)).toEqual([{ message, summary: signals[0]!.summary }]);
    expect(isOfTemplate(message.template, 'no ledger keeps article 7 of the north')).toBe(true);
    expect(isOfTemplate(message.template, 'Error: no ledger keeps article 7 of x')).toBe(false);
    expect(isOfTemplate(message.template, 'no ledger keeps article 7')).toBe(false);
    // A template has single spaces where its lines have tabs, as Lambda's have.
    expect(isOfTemplate('<*> ERROR no ledger', '2026-11-01T12:00:00Z\t8476a536\tERROR\tno  ledger')).toBe(true);
  });
});

describe('an anomaly by which nothing got worse', () => {
  const one = (series: string, value: number, low = 80, high = 100): Carrier => ({
    series,
    value,
    usual: { low, high },
  });
  const busy = one('RequestCount', 190);
  const unusual = 'it is unusual, and nothing got worse by it';

  it.each([
    ['everything follows the demand', [busy, one('CPUUtilization', 185), one('TargetResponseTime', 118)], /1\.9 times/],
    ['a release needs a little more', [one('CPUUtilization', 130), one('MemoryUtilization', 105)], unusual],
    ['metrics only stand to each other as never', [one('CPUUtilization', 90), one('TargetResponseTime', 85)], unusual],
    ['tasks were added for it', [busy, one('MemoryUtilization', 60)], /1\.9 times/],
    ['less is asked', [one('Invocations', 40), one('CPUUtilization', 30)], unusual],
    ['answers are faster', [one('TargetResponseTime', 20)], unusual],
  ])('is harmless where %s', (_, carriers, why) => {
    expect(harmless(carriers)).toMatch(why);
  });

  it.each([
    ['processor rises more than the demand', [busy, one('CPUUtilization', 250)]],
    ['answers are slower', [busy, one('TargetResponseTime', 150)]],
    ['what the owner watches moves', [busy, one('watch:Queue', 150)]],
    ['hardly anybody comes any more', [one('RequestCount', 20), one('CPUUtilization', 30)]],
    ['it is asked a hundred times as much', [one('Invocations', 10_000)]],
    ['it was never asked before', [one('Invocations', 5, 0, 0)]],
    ['processor rises and nobody asks for more', [one('CPUUtilization', 210)]],
  ])('is not where %s', (_, carriers) => {
    expect(harmless(carriers)).toBeUndefined();
  });

  it('is gone', () => {
    const points = [0, 60, 120].map((time): [number, number] => [AT + time, 190]);
    const judged = (carried: Carrier) =>
      judgeSign({ ...anomaly, carriers: [carried] } as EarlySignal, latency, points, AT + 180).kind;

    expect(judged(busy)).toBe('gone');
    expect(judged(one('Latency', 190))).toBe('still');
  });
});
