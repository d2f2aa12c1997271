import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { groupsAt, groupsOf, GROUPS_A_LOOK, unwatchedGroups } from '../../../functions/watch/groups.ts';
import { readLogsFrom, stepLogs, type LogsStepped } from '../../../functions/watch/logs.ts';
import { messageSignal } from '../../../functions/watch/tell.ts';
import type { LogLine } from '../../../layers/core/log-template.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import type { KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { aResource } from '../../runtime/samples.ts';

const START = Date.parse('2026-11-15T00:00:00.000Z') / 1000;
const HALF_HOUR = 1800;
const GROUP = '/app/orders';

/** An order a few seconds, now and then a payment that was refused. */
function usual(from: number, to: number): LogLine[] {
  const random = seeded(from);
  const lines: LogLine[] = [];
  for (let at = from; at < to; at += 2 + 6 * random())
    lines.push({
      at: at * 1000,
      text:
        random() < 0.02
          ? JSON.stringify({ level: 'ERROR', message: `payment ${Math.floor(1e6 * random())} refused` })
          : `INFO order ${Math.floor(1e6 * random())} took ${Math.floor(300 * random())} ms`,
    });
  return lines;
}

/** Looks every half hour; `besides` is logged besides what is usual. */
function listen(
  looks: number,
  besides: (n: number, from: number) => readonly LogLine[] = () => [],
  deployed = false,
  whole = true,
) {
  let kept: KeptSeries | undefined;
  return Array.from({ length: looks }, (_, n): LogsStepped => {
    const [from, until] = [START + n * HALF_HOUR, START + (n + 1) * HALF_HOUR];
    const lines = [...usual(from, until), ...besides(n, from)].sort((a, b) => a.at - b.at);
    const now = new Date(until * 1000).toISOString();
    const stepped = stepLogs(
      GROUP,
      kept,
      { lines, whole },
      until,
      now,
      DEFAULT_WATCH,
      deployed ? { rollout: { over: undefined } } : {},
    );
    kept = stepped.keep;
    return stepped;
  });
}
const times = (count: number, from: number, text: (n: number) => string): LogLine[] =>
  Array.from({ length: count }, (_, n) => ({ at: (from + 60 + 7 * n) * 1000, text: text(n) }));
const told = (stepped: readonly LogsStepped[]) => stepped.flatMap(({ odd }, n) => (odd ? [{ n, ...odd }] : []));

describe('a log', () => {
  it('that says what it never said is told of once, by its template', () => {
    const missing = (n: number): string =>
      JSON.stringify({
        level: 'ERROR',
        message: 'request failed',
        error: { name: 'TypeError', message: `no price for article ${n}` },
      });

    const news = told(listen(12, (n, from) => (n >= 10 ? times(20, from, missing) : [])));

    expect(news.map(({ n, detector }) => [n, detector])).toEqual([[10, 'new-template']]);
    expect(news[0]!.messages).toEqual([
      { group: GROUP, template: 'request failed: TypeError: no price for article <*>', lines: 20, usual: 0 },
    ]);
    const signal = messageSignal(aResource().arn, news[0]!);
    expect(signal.summary).toContain('logs what it never did, 20 lines of it: "request failed: TypeError');
    expect(Date.parse(signal.at) / 1000).toBe(START + 10 * HALF_HOUR + 60);
  });

  it('is not told of for a few lines, unless something was deployed', () => {
    const few = (n: number, from: number): LogLine[] =>
      n === 10 ? times(3, from, () => 'Error: lost connection to cache') : [];

    expect(told(listen(12, few))).toEqual([]);
    expect(told(listen(12, few, true)).map(({ n }) => n)).toEqual([10]);
  });

  it('that goes on saying it is told of when the lines are enough, look by look', () => {
    const slowly = (n: number, from: number): LogLine[] =>
      n === 10 || n === 11 ? times(3, from, () => 'Error: lost connection to cache') : [];

    expect(told(listen(13, slowly)).map(({ n, messages: [message] }) => [n, message?.lines])).toEqual([[11, 6]]);
  });

  it.each([
    [
      (n: number) => JSON.stringify({ level: 'ERROR', message: `invalid currency code ${n}` }),
      'invalid currency code <*>',
    ],
    [(n: number) => JSON.stringify({ level: 60, msg: `ledger closed ${n}` }), 'ledger closed <*>'],
    [(n: number) => JSON.stringify({ level: 'FATAL', message: `missing ledger ${n}` }), 'missing ledger <*>'],
  ])('that logs mild words as an error is told of', (mild, template) => {
    const news = told(listen(12, (n, from) => (n >= 10 ? times(20, from, mild) : [])));

    expect(news.map(({ n, messages: [message] }) => [n, message?.template])).toEqual([[10, template]]);
  });

  it('that logs mild words as an error far more often is told of', () => {
    const closed = (n: number, from: number): LogLine[] =>
      Array.from({ length: n === 24 ? 400 : 2 }, (_, i) => ({
        at: (from + 300 + i) * 1000,
        text: JSON.stringify({ level: 'ERROR', message: `ledger ${i} closed` }),
      }));

    expect(told(listen(26, closed)).map(({ n, detector }) => [n, detector])).toContainEqual([24, 'template-rate']);
  });

  it('may say new things that are no trouble', () => {
    expect(
      told(listen(12, (n, from) => (n >= 10 ? times(20, from, (i) => `INFO voucher ${i} redeemed`) : []))),
    ).toEqual([]);
  });

  it('that says what it knows far more often is told of, where every line was read', () => {
    const refused = (n: number, from: number): LogLine[] =>
      n === 24
        ? Array.from({ length: 400 }, (_, i) => ({
            at: (from + 300 + i) * 1000,
            text: JSON.stringify({ level: 'ERROR', message: `payment ${i} refused` }),
          }))
        : [];

    const [news, ...others] = told(listen(26, refused));

    expect(others).toEqual([]);
    expect(news).toMatchObject({ n: 24, detector: 'template-rate' });
    expect(news!.messages[0]).toMatchObject({ template: 'payment <*> refused' });
    expect(news!.messages[0]!.lines).toBeGreaterThan(50);
    expect(told(listen(26, refused, false, false))).toEqual([]);
  });

  it('that is as usual for two days is not told of', () => {
    expect(told(listen(96))).toEqual([]);
  });

  it('that is nearly silent is known by its silence', () => {
    let kept: KeptSeries | undefined;
    const news = Array.from({ length: 12 }, (_, n) => {
      const until = START + (n + 1) * HALF_HOUR;
      const lines = n === 11 ? times(6, until - 600, () => 'Error: lost connection to cache') : [];
      const stepped = stepLogs(
        GROUP,
        kept,
        { lines, whole: true },
        until,
        new Date(until * 1000).toISOString(),
        DEFAULT_WATCH,
      );
      kept = stepped.keep;
      return stepped.odd?.messages[0]?.template;
    });

    expect(news).toEqual([...Array<undefined>(11).fill(undefined), 'Error: lost connection to cache']);
  });

  it('keeps no secret, and not much', () => {
    const leaky = (n: number, from: number): LogLine[] =>
      n === 10 ? times(9, from, () => 'Error: login failed for password=hunter2 with token=abcdefghijkl') : [];

    const stepped = listen(11, leaky);

    const state = gunzipSync(stepped.at(-1)!.keep.detector!).toString();
    expect(state).toContain('login');
    expect(state).not.toMatch(/hunter2|abcdefghijkl/);
    expect(JSON.stringify(told(stepped))).not.toMatch(/hunter2|abcdefghijkl/);
    const many = listen(11, (n, from) =>
      times(
        300,
        from,
        (i) =>
          `thing${'abcdefghij'[i % 10]} ${'klmnopqrst'[n % 10]} odd word${String.fromCharCode(97 + (i % 26))} said ${i} and so on`,
      ),
    );
    expect(many.at(-1)!.keep.detector!.byteLength).toBeLessThan(16_000);
  });

  it('is read from where it was left, but no further back than looks lie apart, and not where nothing may be told', () => {
    const now = '2026-11-15T12:00:00.000Z';
    const at = Date.parse(now) / 1000;
    const left = (ago: number): KeptSeries => ({ version: 1, last: at - ago, keptAt: now });

    expect([undefined, left(600), left(90_000)].map((kept) => at - readLogsFrom(kept, now))).toEqual([
      3600,
      600,
      6 * 3600,
    ]);
    const logGroups = ['a', 'b', 'a', 'c'];
    expect(groupsOf(aResource({ logGroups }))).toEqual(['a', 'b', 'c']);
    expect(groupsOf(aResource({ logGroups, mode: 'observe' }))).toEqual([]);
  });

  it('of many of a resource has its turn, as often as any other; what is too many is said', () => {
    const logGroups = Array.from({ length: 24 }, (_, n) => `group-${n}`);
    const many = aResource({ logGroups });
    const times = new Map<string, number>();
    for (let look = 0; look < 100; look += 1) {
      const read = groupsAt(many, new Date((START + 5340 * look) * 1000).toISOString());
      expect(new Set(read).size).toBe(GROUPS_A_LOOK);
      for (const group of read) times.set(group, (times.get(group) ?? 0) + 1);
    }

    expect(times.size).toBe(20);
    expect(Math.min(...times.values())).toBeGreaterThan(10);
    expect(unwatchedGroups(many)).toEqual(['group-20', 'group-21', 'group-22', 'group-23']);
    expect(groupsAt(aResource({ logGroups: ['a', 'b'] }), '2026-11-15T12:00:00.000Z').sort()).toEqual(['a', 'b']);
  });
});
