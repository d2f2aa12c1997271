/**
 * The cases of Nezha's folders: each injection with what was measured, called and logged around it.
 *
 * Normal operation is what lies outside the seven minutes around each listed injection: the metrics of the day, and of the logs
 * and traces the fault-free minute plus what the files of earlier injections hold from before them.
 */
import { join } from 'node:path';
import type { FailureInput } from '../../functions/diagnose/classify/failure-mode.ts';
import type { Edge, Measured } from '../../functions/diagnose/ranking/input.ts';
import { eventsAround } from '../../functions/diagnose/ranking/sequences.ts';
import { filesIn } from '../support/public-set.ts';
import { edgesOf, faultsOf, metricsOf, sizesOf, type Fault } from './read.ts';
import { requestsIn, type Call, type Requests } from './requests.ts';

/** Seconds from an injection on in which nothing counts as normal; the next is eight minutes later, seldom four. */
const TROUBLED = 360;
/** Seconds by which an injection may have begun before its listed time, as files show that were written around it. */
const UNSURE = 60;
/** Seconds looked at: as long as the files cover. */
const BEFORE = 600;
const AFTER = 180;

export interface Case {
  readonly fault: Fault;
  readonly input: FailureInput;
}

/** Every injection of every day that the folder holds. */
export function casesIn(folder: string): Case[] {
  const faults = faultsOf(folder);
  return [...Map.groupBy(faults, ({ day }) => day)].flatMap(([day, of]) => casesOf(folder, day, of));
}

function casesOf(folder: string, day: string, faults: readonly Fault[]): Case[] {
  const here = join(folder, 'rca_data', day);
  const normal = join(folder, 'construct_data', day);
  const metrics = metricsOf(join(here, 'metric'));
  const links = edgesOf(join(here, 'metric'));
  const sizes = sizesOf(join(here, 'metric'));
  const isNormal = (at: number) => faults.every((fault) => at < fault.at - UNSURE || at > fault.at + TROUBLED);
  const past: Requests[] = [requestsIn(normal, minutesOf(join(normal, 'trace')))];
  return faults.map((fault): Case => {
    const window = requestsIn(
      here,
      [0, 1, 2].map((later) => minute(fault.at + later * 60)),
    );
    const before = [...past, until(window, fault.at - UNSURE)];
    const edges = [
      ...links.map((edge) => ({ ...edge, ...cut(edge, fault.at, isNormal) })),
      ...calledEdges(before, window, fault.at),
    ];
    const events = eventsAround(
      past.flatMap(({ spans }) => spans),
      window.spans,
      fault.at,
      UNSURE,
    );
    // Some of its last minute may be in trouble already; without it all that is known of the past would be one minute.
    past.push(until(window, fault.at));
    const measured = metrics.map((series): Measured => ({ ...series, ...around(series, fault.at, isNormal) }));
    return { fault, input: { measured, edges, events, sizes, onset: fault.at } };
  });
}

const minutesOf = (folder: string): string[] => filesIn(folder).map((name) => name.slice(0, 5));

const minute = (at: number): string => new Date(at * 1000).toISOString().slice(11, 16).replace(':', '_');

const until = ({ spans, calls }: Requests, end: number): Requests => ({
  spans: spans.filter(({ at }) => at < end),
  calls: calls.filter(({ at }) => at < end),
});

type Points = Pick<Measured, 'times' | 'values'>;

/** The minutes around an injection, and the normal ones of the day. */
function around(
  { times, values }: Points,
  at: number,
  isNormal: (at: number) => boolean,
): Points & { reference: Float64Array } {
  const inside = [...times.keys()].filter((i) => (times[i] ?? 0) >= at - BEFORE && (times[i] ?? 0) < at + AFTER);
  return {
    times: Float64Array.from(inside, (i) => times[i] ?? NaN),
    values: Float64Array.from(inside, (i) => values[i] ?? NaN),
    reference: values.filter((_, i) => isNormal(times[i] ?? 0)),
  };
}

function cut(
  { seconds, answered }: Edge,
  at: number,
  isNormal: (at: number) => boolean,
): Pick<Edge, 'seconds' | 'answered'> {
  return {
    ...(seconds ? { seconds: around(seconds, at, isNormal) } : {}),
    ...(answered ? { answered: around(answered, at, isNormal) } : {}),
  };
}

/** Calls that the traces show, a point each. */
function calledEdges(before: readonly Requests[], { calls }: Requests, at: number): Edge[] {
  const name = ({ from, to }: Call) => `${from}\n${to}`;
  const was = Map.groupBy(
    before.flatMap((requests) => requests.calls),
    name,
  );
  const is = Map.groupBy(
    calls.filter((call) => call.at >= at - UNSURE),
    name,
  );
  return [...new Set([...was.keys(), ...is.keys()])].map((key): Edge => {
    const [from = '', to = ''] = key.split('\n');
    const [past, now] = [was.get(key) ?? [], is.get(key) ?? []];
    const series = (value: (call: Call) => number) => ({
      times: Float64Array.from(now, ({ at: time }) => Math.max(time, at)),
      values: Float64Array.from(now, value),
      reference: Float64Array.from(past, value),
    });
    return { from, to, seconds: series(({ seen }) => seen), answered: series(({ answered }) => answered) };
  });
}
