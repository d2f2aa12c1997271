import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepLogs, type LogContext, type LogsStepped } from '../../../functions/watch/logs.ts';
import { sessionsSignal } from '../../../functions/watch/tell.ts';
import type { LogLine } from '../../../layers/core/log-template.ts';
import { Signal } from '../../../layers/core/signal.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import type { KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { aResource } from '../../runtime/samples.ts';

const START = Date.parse('2026-11-15T00:00:00.000Z') / 1000;
const GROUP = '/app/orders';

type Flow = readonly string[];
const ORDER: Flow = ['order received', 'reserving stock', 'charging card', 'order placed', 'answered 200 in # ms'];
const BROWSE: Flow = ['page asked for', 'answered 200 in # ms'];
const HALF_WAY: Flow = ORDER.slice(0, 2);

interface World {
  /** What the n-th request of a look does. */
  readonly flow?: (look: number, random: () => number) => Flow;
  readonly looks: number;
  /** Seconds between looks. */
  readonly every?: number;
  /** Requests a minute. */
  readonly rate?: number;
  readonly whole?: (look: number) => boolean;
  readonly context?: (look: number) => LogContext;
  readonly id?: (n: number) => string;
  /** Seconds between the lines of a request. */
  readonly pace?: number;
}

const usually = (random: () => number): Flow =>
  random() < 0.3 ? ORDER : random() < 0.004 ? [...BROWSE.slice(0, 1), 'nothing found'] : BROWSE;

/** Looks at a log in which requests run side by side, a line of JSON each step. */
function listen({ flow = (_, random) => usually(random), looks, every = 60, rate = 40, ...how }: World): LogsStepped[] {
  const { whole = () => true, context = () => ({}), pace = 0.4 } = how;
  const id = how.id ?? ((n: number) => `7f3a${n}-0000-4000-8000-${n}`);
  const random = seeded(7);
  const lines: LogLine[] = [];
  let [kept, at, n]: [KeptSeries | undefined, number, number] = [undefined, START, 0];
  return Array.from({ length: looks }, (_, look) => {
    const until = START + (look + 1) * every;
    for (; at < until; at += (60 / rate) * 2 * random()) {
      const requestId = id(n++);
      for (const [i, said] of flow(look, random).entries()) {
        const message = said.replace('#', () => String(Math.floor(300 * random())));
        lines.push({
          at: (at + pace * (i + random())) * 1000,
          text: JSON.stringify({ level: 'INFO', requestId, message }),
        });
      }
    }
    lines.sort((a, b) => a.at - b.at);
    const end = lines.findIndex((line) => line.at >= until * 1000);
    const now = new Date(until * 1000).toISOString();
    const read = { lines: lines.splice(0, end < 0 ? lines.length : end), whole: whole(look) };
    const stepped = stepLogs(GROUP, kept, read, until, now, DEFAULT_WATCH, context(look));
    kept = stepped.keep;
    return stepped;
  });
}

const told = (stepped: readonly LogsStepped[]) =>
  stepped.flatMap(({ oddSessions }, look) => (oddSessions ? [{ look, ...oddSessions }] : []));
const stops = (from: number, share: number) => (look: number, random: () => number) => {
  const flow = usually(random);
  return flow === ORDER && look >= from && random() < share ? HALF_WAY : flow;
};
const state = (stepped: readonly LogsStepped[]) => gunzipSync(stepped.at(-1)!.keep.detector!).toString();

describe('requests that stop half-way', () => {
  it('are told of once, with what they lack, since when, and what is usual', () => {
    const [news, ...others] = told(listen({ looks: 60, flow: stops(30, 0.5) }));

    expect(others).toEqual([]);
    expect(news!.look).toBeLessThanOrEqual(36);
    const [odd] = news!.sessions;
    expect(odd!.oddity).toEqual({
      how: 'lacks',
      after: 'reserving stock',
      without: expect.arrayContaining(['charging card', 'order placed', 'answered <*> in <*> ms']) as string[],
    });
    expect(odd!.usual).toBeLessThan(0.02);
    expect(odd!.odd / odd!.of).toBeGreaterThan(0.08);
    expect(news!.at).toBeGreaterThanOrEqual(START + 30 * 60);
    expect(news!.at).toBeLessThan(START + 32 * 60);
    const signal = sessionsSignal(aResource().arn, news!);
    expect(signal.summary).toMatch(
      /since 00:3\d: \d+ of \d+ requests said "reserving stock" without going on to "charging card"/,
    );
    expect(signal.summary).toMatch(/usual is 0?\.?\d+(\.\d+)? %\.$/);
    expect(Signal.parse(signal)).toEqual(signal);
  });

  it('are told of however seldom the log is read', () => {
    const news = told(listen({ looks: 8, every: 1800, flow: stops(5, 0.5) }));

    expect(news.map(({ look }) => look)).toEqual([5]);
    expect(news[0]!.at - START).toBeLessThan(5 * 1800 + 120);
  });

  it('are told of again when they stopped and began anew', () => {
    const flow = (look: number, random: () => number) => stops(look % 90 < 15 ? 0 : 999, 0.5)(look, random);

    expect(told(listen({ looks: 110, flow: (look, random) => flow(look + 50, random) })).length).toBe(1);
    expect(told(listen({ looks: 190, flow: (look, random) => flow(look + 50, random) })).length).toBe(2);
  });

  it('are no news while they are few, or come all at once', () => {
    expect(told(listen({ looks: 60, flow: stops(30, 0.003) }))).toEqual([]);
    const atOnce = (look: number, random: () => number) => stops(look === 40 ? 0 : 99, 0.8)(look, random);
    expect(told(listen({ looks: 60, flow: atOnce }))).toEqual([]);
  });

  it('are not told of where lines are missing: they may have been said', () => {
    expect(told(listen({ looks: 60, flow: stops(30, 0.5), whole: () => false }))).toEqual([]);
    const now = listen({ looks: 60, flow: stops(30, 0.5), whole: (look) => look % 4 !== 3 });
    expect(told(now).map(({ look }) => look % 4)).not.toContain(3);
    expect(told(listen({ looks: 200, whole: (look) => look % 4 !== 3 }))).toEqual([]);
  });

  it('are found by the field that their owner names, and not where he wants none', () => {
    const id = (n: number): string => `o${n}`; // too short to be certain
    const by = (field: string) => () => ({ session: { field, idle: 30 } });

    expect(told(listen({ looks: 45, flow: stops(30, 0.5), id }))).toEqual([]);
    expect(told(listen({ looks: 45, flow: stops(30, 0.5), id, context: by('requestId') })).length).toBe(1);
    expect(told(listen({ looks: 45, flow: stops(30, 0.5), context: by('none') }))).toEqual([]);
  });
});

describe('requests that are odd otherwise', () => {
  it('are told of when they do again and again what is done once', () => {
    const again = [...ORDER.slice(0, 3), 'charging card', 'charging card', ...ORDER.slice(3)];
    const flow = (look: number, random: () => number): Flow =>
      look >= 30 && random() < 0.15 ? again : usually(random);

    const [news] = told(listen({ looks: 45, flow }));

    expect(news!.sessions[0]!.oddity).toEqual({ how: 'repeats', again: ['charging card'] });
  });

  it('are told of when they do things in an order that hardly ever is', () => {
    const turned = [ORDER[0]!, ORDER[2]!, ORDER[1]!, ...ORDER.slice(3)];
    const flow = (look: number, random: () => number): Flow =>
      look >= 60 && random() < 0.15 ? turned : usually(random);

    const [news] = told(listen({ looks: 80, flow }));

    expect(news!.sessions[0]!.oddity.how).toBe('order');
  });

  it('are not when they do something else: a new flow, or a rare one that is wanted more', () => {
    const report: Flow = ['page asked for', 'report begun', 'report written', 'answered 200 in # ms'];
    const flow = (look: number, random: () => number): Flow =>
      random() < (look >= 60 ? 0.3 : look >= 30 ? 0.005 : 0) ? report : usually(random);

    expect(told(listen({ looks: 90, flow }))).toEqual([]);
  });
});

describe('what is usual', () => {
  it('is not told of for a day, with requests that run over the end of a look', () => {
    expect(told(listen({ looks: 1440, rate: 20, pace: 15 }))).toEqual([]);
  });

  it('may change with a release: a line more, one less, another order', { timeout: 20_000 }, () => {
    const releases: Flow[] = [
      [...ORDER.slice(0, 3), 'audit written', ...ORDER.slice(3)],
      ORDER.filter((said) => said !== 'charging card'),
      ORDER.slice(0, -1),
      [ORDER[0]!, ORDER[2]!, ORDER[1]!, ...ORDER.slice(3)],
      [...ORDER.slice(0, 3), 'order accepted', ORDER[4]!],
      [...ORDER.slice(0, 3), 'order placed', 'order placed', ORDER[4]!],
    ];
    for (const [n, released] of releases.entries()) {
      const flow = (look: number, random: () => number): Flow => {
        const one = usually(random);
        return one === ORDER && random() < (look - 40) / 5 ? released : one; // task by task
      };
      const context = (look: number): LogContext =>
        look < 40 || look > 100 ? {} : { rollout: { over: look < 46 ? undefined : START + 46 * 60 } };

      expect([n, told(listen({ looks: 130, flow, context }))]).toEqual([n, []]);
    }
  });

  it('is not that a release stops half-way, in all requests or in some', () => {
    const context = (look: number): LogContext =>
      look < 30 ? {} : { rollout: { over: look < 32 ? undefined : START + 32 * 60 } };

    expect(told(listen({ looks: 45, flow: stops(30, 1), context })).length).toBe(1);
    expect(told(listen({ looks: 45, flow: stops(30, 0.4), context })).length).toBe(1);
  });
});

describe('what is remembered', () => {
  it('is nothing where no line names a session', () => {
    expect(state(listen({ looks: 5, id: () => '' }))).not.toContain('sessions');
  });

  it('holds no id, and little, however many requests there are and whatever they do', () => {
    const words = 'abcdefghijklmnopqrstuvwxyz'.split('').map((letter) => `step ${letter.repeat(3)} done`);
    const flow = (_: number, random: () => number): Flow =>
      Array.from({ length: 12 }, () => words[Math.floor(words.length * random())]!);
    const stepped = listen({ looks: 5, rate: 600, flow });
    const without = listen({ looks: 5, rate: 600, flow, id: () => '' });

    expect(state(stepped)).not.toContain('7f3a');
    const more = stepped.at(-1)!.keep.detector!.byteLength - without.at(-1)!.keep.detector!.byteLength;
    expect(more).toBeLessThan(8_000);
  });

  it('is of some requests where there are many, the same ones at each look, and says so', () => {
    const [news, ...others] = told(listen({ looks: 24, rate: 600, flow: stops(18, 0.5) }));

    expect(others).toEqual([]);
    const [odd] = news!.sessions;
    expect(odd).toMatchObject({ oneIn: 8, oddity: { how: 'lacks', after: 'reserving stock' } });
    expect(odd!.of).toBeLessThan(600);
    expect(sessionsSignal(aResource().arn, news!).summary).toContain('requests (one in 8 was followed) said');
    expect(told(listen({ looks: 30, rate: 600 }))).toEqual([]);
  });

  it('follows templates that turn out to be one', () => {
    const names = ['north', 'south', 'east', 'west', 'middle'];
    const flow = (look: number, random: () => number): Flow => {
      const name = names[Math.floor(Math.min(5, 1 + look / 8) * random())]!;
      return ['order received', `asking ${name} for stock today`, 'order placed'];
    };

    expect(told(listen({ looks: 60, flow }))).toEqual([]);
    expect(state(listen({ looks: 60, flow }))).toContain('asking');
  });
});

it('a log of any lines is read without a throw, in any order, with whatever times', () => {
  const line = fc.record({
    at: fc.oneof(
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0),
      fc.integer({ min: 0, max: 2e12 }),
      fc.double(),
    ),
    text: fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('abcdefg1', 'abcdefg2', 'abcdefg3'), fc.constantFrom(...ORDER))
        .map(([requestId, message]) => JSON.stringify({ requestId, message })),
    ),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(line, { maxLength: 30 }), fc.boolean()), { maxLength: 6 }), (looks) => {
      let kept: KeptSeries | undefined;
      for (const [n, [lines, whole]] of looks.entries()) {
        const until = START + 60 * n;
        const now = new Date(until * 1000).toISOString();
        const stepped = stepLogs(GROUP, kept, { lines, whole }, until, now, DEFAULT_WATCH);
        kept = stepped.keep;

        expect(stepped.oddSessions).toBeUndefined();
        expect(gunzipSync(kept.detector!).toString()).not.toMatch(/NaN|Infinity/);
      }
    }),
    { numRuns: 60 },
  );
});
