import type { Edge } from './input.ts';

/** Who calls whom, both ways. Cycles and unknown nodes are allowed; an edge to oneself is left out. */
export interface Graph {
  readonly callees: ReadonlyMap<string, readonly Edge[]>;
  readonly callers: ReadonlyMap<string, readonly Edge[]>;
}

export function graphOf(edges: readonly Edge[]): Graph {
  const callees = new Map<string, Edge[]>();
  const callers = new Map<string, Edge[]>();
  for (const edge of edges) {
    if (edge.from === edge.to) continue;
    callees.set(edge.from, [...(callees.get(edge.from) ?? []), edge]);
    callers.set(edge.to, [...(callers.get(edge.to) ?? []), edge]);
  }
  return { callees, callers };
}

/** Everything that `node` calls, directly or not, itself included, with the least number of calls to get there. */
export function reachable({ callees }: Graph, node: string): ReadonlyMap<string, number> {
  const depth = new Map([[node, 0]]);
  const queue = [node];
  for (const next of queue)
    for (const { to } of callees.get(next) ?? []) {
      if (depth.has(to)) continue;
      depth.set(to, (depth.get(next) ?? 0) + 1);
      queue.push(to);
    }
  return depth;
}
