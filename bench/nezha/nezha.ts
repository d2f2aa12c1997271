/**
 * Root cause and fault type on Nezha: Online Boutique (metrics and calls) and Train-Ticket (metrics, logs and traces).
 *
 * Normal operation is what lies outside the six minutes from each listed injection on: the metrics of the day, and of the
 * logs and traces the fault-free minute plus what the files of earlier injections hold from before them. Nothing is learned
 * from root causes or types.
 */
import { join } from 'node:path';
import type { Edge, Event, Measured, Ranked, RankingInput } from '../../functions/diagnose/ranking/input.ts';
import { rank } from '../../functions/diagnose/ranking/rank.ts';
import { sequenceEvents } from '../../functions/diagnose/ranking/sequences.ts';
import { estimate, resultOf, save, table, type Row, type SetResult } from '../support/measured-table.ts';
import { filesIn, optionsOf } from '../support/public-set.ts';
import { edgesOf, faultsOf, metricsOf, type Fault } from './read.ts';
import { requestsIn, type Call, type Requests } from './requests.ts';

const SOURCE = 'github.com/IntelligentDDS/Nezha (Yu et al., FSE 2023)';
/** Seconds from an injection on in which nothing counts as normal; the next is eight minutes later, seldom four. */
const TROUBLED = 360;
/** Seconds looked at: as long as the files cover. */
const BEFORE = 600;
const AFTER = 180;

export interface Case {
  readonly fault: Fault;
  readonly input: RankingInput;
}

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'nezha', SOURCE, print);
  if (!options) return;
  const cases = casesIn(options.folder);
  if (cases.length === 0)
    return print(`nezha: no fault in ${join(options.folder, 'rca_data')}. They come from ${SOURCE}.`);
  const results: Record<string, SetResult> = {};
  for (const [system, of] of Map.groupBy(cases, ({ fault }) => fault.system)) {
    const started = performance.now();
    const ranked = of.map(({ input, fault }) => ({ fault, ranked: rank(input) }));
    const seconds = (performance.now() - started) / 1000;
    const rows = [
      row('Prunella', ranked),
      row(
        'largest z',
        of.map((one) => largest(one)),
      ),
      row(
        'largest CPU z',
        of.map((one) => largest(one, 'cpu')),
      ),
    ];
    print(`\n${table(`Nezha, ${system}`, rows)}`);
    results[`nezha ${system}`] = resultOf(rows, seconds);
  }
  await save(options.json, results);
}

interface Answer {
  readonly fault: Fault;
  readonly ranked: readonly Pick<Ranked, 'node'>[];
}

function row(name: string, answers: readonly Answer[]): Row {
  const places = answers.map(({ fault, ranked }) => ({
    type: fault.type,
    place: ranked.findIndex(({ node }) => node === fault.service),
  }));
  const within = (k: number, type?: string) =>
    estimate(places.filter((one) => !type || one.type === type).map(({ place }) => (place >= 0 && place < k ? 1 : 0)));
  const types = [...new Set(places.map(({ type }) => type))].sort();
  return {
    name,
    metrics: {
      'AS@1': within(1),
      'AS@3': within(3),
      'AS@5': within(5),
      ...Object.fromEntries(types.map((type) => [type, within(1, type)])),
    },
  };
}

/** What the metrics alone say when each is judged for itself: no calls, no logs. */
function largest({ input, fault }: Case, kind?: string): Answer {
  const measured = input.measured.filter((one) => !kind || one.kind === kind);
  return { fault, ranked: rank({ measured, edges: [], onset: input.onset }) };
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
  const isNormal = (at: number) => faults.every((fault) => at < fault.at - 60 || at > fault.at + TROUBLED);
  const past: Requests[] = [requestsIn(normal, minutesOf(join(normal, 'trace')))];
  return faults.map((fault): Case => {
    const window = requestsIn(
      here,
      [0, 1, 2].map((later) => minute(fault.at + later * 60)),
    );
    const before = past.concat(until(window, fault.at - 1));
    past.push(until(window, fault.at - 1));
    const edges = [
      ...links.map((edge) => ({ ...edge, ...cut(edge, fault.at, isNormal) })),
      ...calledEdges(before, window, fault.at),
    ];
    const events = sequenceEvents(
      before.flatMap(({ spans }) => spans),
      window.spans.filter(({ at }) => at >= fault.at - 60),
    );
    const measured = metrics.map((series): Measured => ({ ...series, ...around(series, fault.at, isNormal) }));
    return { fault, input: { measured, edges, events: worst(events), onset: fault.at } };
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
    calls.filter((call) => call.at >= at - 60),
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

/** The strongest event of each resource is enough. */
function worst(events: readonly Event[]): Event[] {
  return [...Map.groupBy(events, ({ node }) => node).values()].flatMap(([first]) => first ?? []);
}
