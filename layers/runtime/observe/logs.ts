import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Aws } from '../../core/aws.ts';
import type { LogLine } from '../../core/log-template.ts';
import { addSeconds, type Instant, type Seconds } from '../../core/units.ts';
import '../clients/logs.ts';
import { runtime } from '../runtime.ts';

/**
 * Lines taken before the onset, and as many since: of a busy group both are samples, and what is logged all the time would
 * count as more often since where more lines were taken.
 */
const LINES = 2000;
/** A busy group is sampled at several moments since the onset, not read as a whole. */
const SLICES_AFTER = 3;

export interface LogsRead {
  readonly lines: readonly LogLine[];
  readonly gaps: readonly string[];
}

/** Reads a log group before and after the onset: bounded, oldest first within each slice. Never throws: what fails is a gap. */
export async function readLogs(
  group: string,
  { from, onset, to }: { from: Instant; onset: Instant; to: Instant },
  aws: Aws,
  slicesAfter = SLICES_AFTER,
): Promise<LogsRead> {
  const [start, middle, end] = [from, onset, to].map((at) => Date.parse(at)) as [number, number, number];
  const length = Math.max(1, Math.ceil((end - middle) / slicesAfter));
  const slices = [
    { from: start, to: middle, most: LINES },
    ...Array.from({ length: slicesAfter }, (_, n) => ({
      from: middle + n * length,
      to: Math.min(end, middle + (n + 1) * length),
      most: Math.floor(LINES / slicesAfter),
    })),
  ].filter((slice) => slice.to > slice.from);
  const read = await Promise.all(slices.map((slice) => readSlice(group, slice, aws)));
  return { lines: read.flatMap(({ lines }) => lines), gaps: [...new Set(read.flatMap(({ gaps }) => gaps))] };
}

/** What one look at a log group takes: a page or a few, and of a busy group the newest lines besides the oldest. */
const LINES_A_LOOK = 5000;
const NEWEST: Seconds = 120;

export interface LogsSeen extends LogsRead {
  /** Whether every line was read; else they are a sample, and counts say nothing. */
  readonly whole: boolean;
}

/**
 * Reads what a log group said between two instants: bounded, oldest first. Never throws: what fails is a gap.
 * @param most lines; where there are more, as many of the last two minutes are read besides
 */
export async function readLately(
  group: string,
  from: Instant,
  to: Instant,
  aws: Aws,
  most = LINES_A_LOOK,
): Promise<LogsSeen> {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const all = await readSlice(group, { from: start, to: end, most }, aws);
  if (all.gaps.length === 0) return { ...all, whole: true };
  const last = all.lines.at(-1)?.at ?? start;
  const since = Math.max(last + 1, end - NEWEST * 1000);
  if (all.lines.length === 0 || since >= end) return { ...all, whole: false };
  const newest = await readSlice(group, { from: since, to: end, most }, aws);
  return { lines: [...all.lines, ...newest.lines], gaps: all.gaps, whole: false };
}

async function readSlice(
  group: string,
  { from, to, most }: { from: number; to: number; most: number },
  aws: Aws,
): Promise<LogsRead> {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  const deadline = addSeconds(runtime().now(), 5);
  try {
    do {
      const page = await aws.logs.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          startTime: from,
          endTime: to - 1,
          limit: most - lines.length,
          ...(nextToken ? { nextToken } : {}),
        }),
      );
      lines.push(...(page.events ?? []).map(({ timestamp = 0, message = '' }) => ({ at: timestamp, text: message })));
      nextToken = page.nextToken;
    } while (nextToken && lines.length < most && runtime().now() < deadline);
  } catch (error) {
    return { lines, gaps: [`log group ${group} could not be read: ${String(error)}`] };
  }
  return { lines, gaps: nextToken ? [`log group ${group} has more lines than were read: counts are a sample`] : [] };
}
