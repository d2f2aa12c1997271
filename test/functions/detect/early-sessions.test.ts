import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signsOf } from '../../../functions/detect/early/look.ts';
import { followedIn, lookAtFollowed, neededOf } from '../../../functions/detect/early/sessions.ts';
import { followedGone } from '../../../functions/verify/early-signs.ts';
import { stepLogs } from '../../../functions/watch/logs.ts';
import { sessionsSignal } from '../../../functions/watch/tell.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { LogLine } from '../../../layers/core/log-template.ts';
import type { OddSessions, Signal } from '../../../layers/core/signal.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import type { KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { aResource } from '../../runtime/samples.ts';

const NOW = Date.parse('2026-11-01T12:00:00.000Z') / 1000;
const instant = (at: number): string => new Date(at * 1000).toISOString();
const told: OddSessions = {
  group: '/aws/lambda/orders',
  by: { idle: 60 },
  oddity: { how: 'lacks', after: 'reserving stock', without: ['order <*> placed'] },
  odd: 12,
  of: 80,
  oneIn: 1,
  usual: 0.001,
};
const signalOf = (sessions: OddSessions[], at = NOW - 900): Signal => ({
  kind: 'anomaly',
  id: `s${at}`,
  at: instant(at),
  resource: aResource().arn,
  summary: 'requests stop half-way.',
  detector: 'sessions',
  score: 1,
  sessions,
});
/** A request a second from one time to another, of which each n-th stops half-way. */
function requests(from: number, to: number, nth: number, id: () => string = randomUUID): LogLine[] {
  return Array.from({ length: to - from }, (_, n) => {
    const requestId = id();
    const said = ['order received', 'reserving  stock', `order ${n} placed`].slice(0, n % nth === nth - 1 ? 2 : 3);
    return said.map((message, i) => ({
      at: (from + n) * 1000 + i,
      text: JSON.stringify({ level: 'INFO', requestId, message }),
    }));
  }).flat();
}
/** CloudWatch with these lines. */
function logging(lines: readonly LogLine[], refuses = false): Aws {
  const send = ({ input }: { input: { startTime: number; endTime: number; limit: number } }) =>
    refuses
      ? Promise.reject(new Error('throttled'))
      : Promise.resolve({
          events: lines
            .filter(({ at }) => at >= input.startTime && at <= input.endTime)
            .map(({ at, text }) => ({ timestamp: at, message: text }))
            .slice(0, input.limit),
        });
  return { logs: { send } } as unknown as Aws;
}
const signs = (aws: Aws, at?: number) => signsOf([signalOf([told], at)], aResource(), instant(NOW), aws);

describe('odd sessions that were told of', () => {
  it('are still there while their share is nearer to what was told than to what is usual', async () => {
    expect(await signs(logging(requests(NOW - 900, NOW, 7)))).toMatchObject([
      { kind: 'still', why: expect.stringMatching(/\d+ of \d+ lately \(14 %\) are so/) as string },
    ]);
    expect(await signs(logging(requests(NOW - 900, NOW, 25)))).toMatchObject([{ kind: 'gone' }]);
    expect(await signs(logging(requests(NOW - 900, NOW, 1e9)))).toMatchObject([{ kind: 'gone' }]);
  });

  it('are judged by what came since they were told of, however much was well before', async () => {
    const before = [...requests(NOW - 420, NOW - 200, 1e9), ...requests(NOW - 420, NOW - 200, 1e9)];
    const lines = [...before, ...requests(NOW - 200, NOW, 7)].sort((a, b) => a.at - b.at);

    expect(await signs(logging(lines))).toMatchObject([{ kind: 'gone' }]);
    expect(await signs(logging(lines), NOW - 200)).toMatchObject([{ kind: 'still' }]);
  });

  it('are not known of while too few requests come, and believed where the log cannot be read as a whole', async () => {
    expect(await signs(logging(requests(NOW - 100, NOW - 85, 1e9)))).toMatchObject([{ kind: 'unknown', again: 60 }]);
    expect(await signs(logging([]))).toMatchObject([{ kind: 'unknown' }]);
    expect(await signs(logging([], true))).toMatchObject([{ kind: 'still' }]);
  });

  it('are judged by those that are over, and were seen from their beginning', async () => {
    const half = requests(NOW - 50, NOW, 1); // they may go on yet
    const long = requests(NOW - 900, NOW, 1e9);

    expect(await signs(logging([...long, ...half].sort((a, b) => a.at - b.at)))).toMatchObject([{ kind: 'gone' }]);
  });

  it('are looked at once a way, as they were told last', () => {
    const other = { ...told, oddity: { how: 'repeats' as const, again: ['order received'] } };
    const signals = [signalOf([{ ...told, odd: 20 }], NOW), signalOf([told, other], NOW - 600)];

    expect(followedIn(signals).map(({ told: one }) => [one.oddity.how, one.odd])).toEqual([
      ['lacks', 20],
      ['repeats', 12],
    ]);
  });

  it('are gone after an action when enough requests since it settled came to their end, and no sooner', async () => {
    const settled = NOW - 300;
    const after = async (lines: readonly LogLine[], refuses = false) =>
      followedGone(await lookAtFollowed([signalOf([told])], instant(settled), instant(NOW), logging(lines, refuses)));
    const before = requests(settled - 600, settled, 7);

    expect(await after([...before, ...requests(settled, NOW, 1e9)])).toMatchObject({ kind: 'gone' });
    expect(await after([...before, ...requests(settled, NOW, 7)])).toMatchObject({ kind: 'still' });
    expect(await after([...before, ...requests(settled, settled + neededOf(told) - 1, 1e9)])).toMatchObject({
      kind: 'too-early',
    });
    expect(await after(before, true)).toMatchObject({ kind: 'too-early' });
    expect(followedGone([])).toMatchObject({ kind: 'gone' });
  });
});

it('what Watch tells of in a log of Lambda, Detect finds in it again, and finds gone when it is', async () => {
  const lambda = (from: number, to: number, nth: number): LogLine[] =>
    Array.from({ length: to - from }, (_, n) => {
      const id = randomUUID();
      const at = (from + n) * 1000;
      const line = (i: number, said: string): string => `${new Date(at + i).toISOString()}\t${id}\tINFO\t${said}`;
      const said = [line(1, 'order received'), line(2, 'reserving stock'), line(3, `order ${n} placed`)];
      const own = said.slice(0, n % nth === nth - 1 ? 2 : 3);
      const report = `REPORT RequestId: ${id}\tDuration: ${n % 90}.12 ms\tBilled Duration: 90 ms\tMemory Size: 128 MB`;
      return [`START RequestId: ${id} Version: 3`, ...own, `END RequestId: ${id}`, report].map((text, i) => ({
        at: at + i,
        text,
      }));
    }).flat();
  const lines = [...lambda(NOW - 3000, NOW - 360, 1e9), ...lambda(NOW - 360, NOW, 6)];
  let kept: KeptSeries | undefined;
  const signals: Signal[] = [];
  for (let until = NOW - 2940; until <= NOW; until += 60) {
    const read = lines.filter(({ at }) => at >= (until - 60) * 1000 && at < until * 1000);
    const step = stepLogs(told.group, kept, { lines: read, whole: true }, until, instant(until), DEFAULT_WATCH);
    kept = step.keep;
    if (step.oddSessions) signals.push(sessionsSignal(aResource().arn, step.oddSessions));
  }

  expect(signals).toHaveLength(1);
  expect(signals[0]!.summary).toMatch(/said ".* INFO reserving stock" without going on to ".* INFO order <\*> placed"/);
  const judged = async (aws: Aws, now: number) =>
    (await signsOf(signals, aResource(), instant(now), aws)).map(({ kind }) => kind);
  expect(await judged(logging(lines), NOW)).toEqual(['still']);
  const later = [...lines, ...lambda(NOW, NOW + 600, 1e9)];
  expect(await judged(logging(later), NOW + 600)).toEqual(['gone']);
});
