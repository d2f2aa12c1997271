import type { FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import type { Aws } from '../../layers/core/aws.ts';
import { templates } from '../../layers/core/log-template.ts';
import { readLogs } from '../../layers/runtime/observe/logs.ts';

const onset = Date.parse('2026-03-01T12:00:00.000Z');
const at = (seconds: number): string => new Date(onset + seconds * 1000).toISOString();
const window = { from: at(-600), onset: at(0), to: at(300) };

/** A group that logs at a steady rate, one line in twenty of them an error; pages hold 700 lines, as a megabyte might. */
function groupOf(linesASecond: number): Aws {
  const gap = 1000 / linesASecond;
  const send = ({ input }: { input: FilterLogEventsCommandInput }) => {
    const first = Math.ceil(Number(input.nextToken ?? input.startTime) / gap);
    const last = Math.floor(Number(input.endTime) / gap);
    const count = Math.min(700, Number(input.limit), last - first + 1);
    const events = Array.from({ length: count }, (_, i) => ({
      timestamp: (first + i) * gap,
      message: (first + i) % 20 === 0 ? 'ERROR the cache is cold' : 'served',
    }));
    const next = first + count;
    return Promise.resolve({ events, ...(next <= last ? { nextToken: String(next * gap) } : {}) });
  };
  return { logs: { send } } as unknown as Aws;
}

const countsOf = async (linesASecond: number) => {
  const { lines, gaps } = await readLogs('/busy', window, groupOf(linesASecond));
  const before = lines.filter((line) => line.at < onset).length;
  return { before, after: lines.length - before, lines, gaps };
};

describe('reading a log group around an onset', () => {
  it('takes every line of a quiet group', async () => {
    const { before, after, gaps } = await countsOf(1);

    expect({ before, after, gaps }).toEqual({ before: 600, after: 300, gaps: [] });
  });

  it('takes no more lines since than before of a busy one, so that what it says all the time is not new', async () => {
    const { before, after, lines, gaps } = await countsOf(50);
    const [error] = templates('arn:aws:ecs:eu-west-1:111122223333:service/c/busy', lines, onset);

    expect(before).toBe(2000);
    expect(after).toBeGreaterThan(1900);
    expect(after).toBeLessThanOrEqual(2000);
    expect(error).toMatchObject({ before: 100, after: expect.closeTo(100, -1) as number });
    expect(gaps).toEqual(['log group /busy has more lines than were read: counts are a sample']);
  });
});
