/**
 * The local account's X-Ray: a daemon that takes the segments of tasks, and the service graph of what they tell. Traces are kept
 * by number, not by age.
 */
import { hours } from '../../layers/core/units.ts';
import { AwsError, type LocalService, type Operation, type SandboxContext } from '../contract.ts';
import { startDaemon } from './daemon.ts';
import { serviceGraph } from './graph.ts';
import { Segment } from './segment.ts';

export interface XRay {
  readonly service: LocalService;
  /** Where tasks send their segments: host and port of UDP. */
  readonly daemonAddress: string;
}

/** An hour of a few shops. The oldest go first. */
const MOST_SEGMENTS = 20_000;
const NODES_ON_A_PAGE = 25;
const LONGEST_FRAME = hours(6) * 1000;

interface GraphInput {
  readonly StartTime?: Date;
  readonly EndTime?: Date;
  readonly NextToken?: string;
}

export async function startXRay({ accountId, log }: Pick<SandboxContext, 'accountId' | 'log'>): Promise<XRay> {
  const segments: Segment[] = [];
  const keep = (document: string): void => {
    segments.push(Segment.parse(JSON.parse(document)));
    if (segments.length > MOST_SEGMENTS) segments.splice(0, MOST_SEGMENTS / 10);
  };
  const daemon = await startDaemon((document) => {
    try {
      keep(document);
    } catch (error) {
      log(`X-Ray took no segment that it cannot read: ${String(error)}`);
    }
  });
  const operations: Record<string, Operation> = {
    PutTraceSegments: ({ TraceSegmentDocuments = [] }: { TraceSegmentDocuments?: readonly string[] }) => ({
      UnprocessedTraceSegments: TraceSegmentDocuments.flatMap((document) => unprocessed(document, keep)),
    }),
    GetServiceGraph(input: GraphInput) {
      const { StartTime, EndTime } = checked(input);
      const frame = { from: StartTime.getTime() / 1000, to: EndTime.getTime() / 1000 };
      const { items, next } = pageOf(serviceGraph(segments, frame, accountId), input.NextToken);
      return { StartTime, EndTime, ContainsOldGroupVersions: false, Services: items, NextToken: next };
    },
  };
  return { service: { signingName: 'xray', operations, stop: daemon.stop }, daemonAddress: daemon.address };
}

function unprocessed(document: string, keep: (document: string) => void): { ErrorCode: string; Message: string }[] {
  try {
    keep(document);
    return [];
  } catch (error) {
    return [{ ErrorCode: 'ParseError', Message: String(error) }];
  }
}

/** @throws AwsError as X-Ray refuses a time frame */
function checked({ StartTime, EndTime }: GraphInput): { StartTime: Date; EndTime: Date } {
  if (StartTime === undefined || EndTime === undefined)
    throw new AwsError('InvalidRequestException', 'StartTime and EndTime are required');
  const length = EndTime.getTime() - StartTime.getTime();
  if (length <= 0) throw new AwsError('InvalidRequestException', 'StartTime must be before EndTime');
  if (length > LONGEST_FRAME) throw new AwsError('InvalidRequestException', 'Time range cannot be longer than 6 hours');
  return { StartTime, EndTime };
}

function pageOf<T>(items: readonly T[], token: string | undefined): { items: readonly T[]; next: string | undefined } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw new AwsError('InvalidRequestException', 'NextToken is not valid');
  const end = from + NODES_ON_A_PAGE;
  return { items: items.slice(from, end), next: end < items.length ? String(end) : undefined };
}
