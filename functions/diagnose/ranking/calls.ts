import type { Edge, Measured } from './input.ts';
import { periodOf } from './time.ts';

/**
 * How many calls a resource makes to another for each request it serves, over time: a resource that fails or returns early
 * stops calling those it called after that point, while its own traffic stays. Points of both are put together by period;
 * references by place, where they are of one length (recorded together).
 */
export function callsMade(edges: readonly Edge[], measured: readonly Measured[]): Measured[] {
  const traffic = new Map(measured.filter(({ kind }) => kind === 'traffic').map((series) => [series.node, series]));
  const period = Math.max(1, ...[...traffic.values()].map(periodOf));
  return edges.flatMap(({ from, to }): Measured[] => {
    const [caller, callee] = [traffic.get(from), traffic.get(to)];
    if (!caller || !callee || from === to) return [];
    const answered = new Map([...callee.times].map((at, i) => [Math.round(at / period), callee.values[i] ?? NaN]));
    const values = caller.values.map((asked, i) =>
      ratio(answered.get(Math.round((caller.times[i] ?? NaN) / period)), asked),
    );
    const reference = callee.reference;
    const isTogether = caller.reference && reference && caller.reference.length === reference.length;
    return [
      {
        node: from,
        metric: `calls to ${to} a request`,
        kind: 'calls',
        times: caller.times,
        values,
        ...(isTogether ? { reference: caller.reference.map((asked, i) => ratio(reference[i], asked)) } : {}),
      },
    ];
  });
}

const ratio = (calls: number | undefined, requests: number): number =>
  calls === undefined || !(requests > 0) ? NaN : calls / requests;
