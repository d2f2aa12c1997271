/** Requests as Nezha's logs and traces tell them: what happened in each span, and how long calls between services took. */
import { join } from 'node:path';
import type { Sequence } from '../../functions/diagnose/ranking/sequences.ts';
import { templateOf } from '../../layers/core/log-template.ts';
import { filesIn, rowsOf, textOf } from '../support/public-set.ts';
import { serviceOf } from './read.ts';

export interface Call {
  readonly from: string;
  readonly to: string;
  /** Seconds since the epoch. */
  readonly at: number;
  /** Seconds, as either end sees it. */
  readonly seen: number;
  readonly answered: number;
}

/** A span with everything in it; `at` is when it began. */
export interface Told extends Sequence {
  readonly at: number;
}

export interface Requests {
  readonly spans: readonly Told[];
  readonly calls: readonly Call[];
}

interface Span {
  readonly id: string;
  readonly parent: string;
  readonly node: string;
  readonly operation: string;
  readonly at: number;
  readonly seconds: number;
}

/** @param minutes names of the files' minutes, `HH_MM` */
export function requestsIn(folder: string, minutes: readonly string[]): Requests {
  const of = (kind: string) =>
    minutes.flatMap((minute) => {
      const name = `${minute}_${kind}.csv.gz`;
      return filesIn(join(folder, kind)).includes(name) ? rowsOf(textOf(join(folder, kind, name))).slice(1) : [];
    });
  const spans = new Map(
    of('trace')
      .flatMap((row) => spanOf(row) ?? [])
      .map((span) => [span.id, span]),
  );
  const events = new Map<string, { at: number; what: string }[]>();
  const add = (span: string, at: number, what: string) => events.set(span, [...(events.get(span) ?? []), { at, what }]);
  for (const { parent, at, operation } of spans.values()) if (spans.has(parent)) add(parent, at, operation);
  const loose = new Map<string, string>();
  for (const row of of('log')) {
    const line = lineOf(row);
    if (!line || !line.span) continue;
    add(line.span, line.at, line.what);
    if (!spans.has(line.span)) loose.set(line.span, line.node);
  }
  const told = [...spans.values()].map(({ id, node, operation, at }): Told => ({
    node,
    at,
    events: [operation, ...inOrder(events.get(id))],
  }));
  // A log line whose span is not in the traces still follows the others of its span.
  const logged = [...loose].map(([id, node]): Told => ({
    node,
    at: events.get(id)?.[0]?.at ?? NaN,
    events: inOrder(events.get(id)),
  }));
  return { spans: [...told, ...logged], calls: callsOf(spans) };
}

/** The collector wrote some lines twice. */
function inOrder(events: readonly { at: number; what: string }[] = []): string[] {
  const sorted = events.toSorted((a, b) => a.at - b.at);
  return sorted
    .filter(({ at, what }, i) => at !== sorted[i - 1]?.at || what !== sorted[i - 1]?.what)
    .map(({ what }) => what);
}

function spanOf([, id = '', parent = '', pod = '', operation = '', start = '', , duration = '']: readonly string[]):
  Span | undefined {
  const at = Number(start) / 1e9;
  const seconds = Number(duration) / 1e6;
  return Number.isFinite(at) && Number.isFinite(seconds)
    ? { id, parent, node: serviceOf(pod), operation, at, seconds }
    : undefined;
}

const HEADER = /^[\d:.]+\s+|\bTraceID: \S+|\bSpanID: \S+/g;

function lineOf([, time = '', , pod = '', , , span = '', said = '']: readonly string[]):
  { node: string; span: string; at: number; what: string } | undefined {
  const at = Number(time) / 1e9;
  if (!Number.isFinite(at) || pod === '') return undefined;
  let text = said;
  try {
    text = (JSON.parse(said) as { log?: string }).log ?? said;
  } catch {
    // Some lines are cut off: what is there is the line.
  }
  return { node: serviceOf(pod), span, at, what: headline(text.replace(HEADER, '')) };
}

/** Level and place in the code, where the line has them, and whether it tells of an exception: they name its kind. Else the line's template. */
function headline(text: string): string {
  const place = /^\s*[A-Z]+\s+\S+#\d+/.exec(text)?.[0].trim();
  if (place === undefined) return templateOf(text.split('\n', 1)[0] ?? '');
  return /exception/i.test(text.slice(place.length)) ? `${place} exception` : place;
}

function callsOf(spans: ReadonlyMap<string, Span>): Call[] {
  return [...spans.values()].flatMap((span): Call[] => {
    const caller = spans.get(span.parent);
    if (!caller || caller.node === span.node) return [];
    return [{ from: caller.node, to: span.node, at: span.at, seen: caller.seconds, answered: span.seconds }];
  });
}
