import type { Edge, Service } from '@aws-sdk/client-xray';
import type { Segment, Subsegment } from './segment.ts';

interface Node {
  readonly name: string;
  readonly type: string;
}

/** Something that was done once: by whom, by its time and its outcome. */
type Done = Pick<Segment, 'start_time' | 'end_time' | 'error' | 'fault'>;

/**
 * The service graph of the segments that ended within a time frame, in seconds since the epoch: who called whom, how often, and
 * how it ended. Services of AWS and programs that send no segments are known by what their callers say of them.
 */
export function serviceGraph(
  segments: readonly Segment[],
  frame: { readonly from: number; readonly to: number },
  accountId: string,
): Service[] {
  const graph = new Graph(accountId);
  const children = Map.groupBy(segments, ({ parent_id }) => parent_id);
  for (const segment of segments.filter(({ end_time }) => end_time >= frame.from && end_time < frame.to)) {
    const node = nodeOf(segment);
    graph.answered(node, segment);
    if (segment.parent_id === undefined) graph.called({ name: segment.name, type: 'client' }, node, segment);
    for (const call of segment.subsegments) addCall(graph, node, call, children.get(call.id) ?? []);
  }
  return graph.services();
}

const nodeOf = ({ name, origin = '' }: Segment): Node => ({ name, type: origin });

function addCall(graph: Graph, caller: Node, call: Subsegment, answering: readonly Segment[]): void {
  if (call.namespace === undefined) return;
  if (call.namespace === 'remote' && answering.length > 0) {
    for (const segment of answering) graph.called(caller, nodeOf(segment), call);
    return;
  }
  const inferred = call.namespace === 'remote' ? { name: call.name, type: 'remote' } : serviceOf(call);
  graph.called(caller, inferred, call);
  for (const segment of answering) graph.called(inferred, nodeOf(segment), segment);
}

/** A service of AWS sends no segments: it is known by the resource that its caller names. */
function serviceOf({ name, aws = {} }: Subsegment): Node {
  if (aws.table_name !== undefined) return { name: aws.table_name, type: 'AWS::DynamoDB::Table' };
  if (aws.queue_url !== undefined) return { name: aws.queue_url, type: 'AWS::SQS::Queue' };
  if (aws.function_name !== undefined) return { name: aws.function_name, type: 'AWS::Lambda' };
  return { name, type: `AWS::${name}` };
}

class Graph {
  readonly #accountId: string;
  readonly #nodes = new Map<string, { readonly id: number; readonly node: Node; readonly answered: Done[] }>();
  readonly #edges = new Map<string, { readonly from: number; readonly to: number; readonly calls: Done[] }>();

  constructor(accountId: string) {
    this.#accountId = accountId;
  }

  answered(node: Node, done: Done): void {
    this.#known(node).answered.push(done);
  }

  called(caller: Node, callee: Node, done: Done): void {
    const [from, to] = [this.#known(caller).id, this.#known(callee).id];
    const edge = this.#edges.get(`${from} ${to}`) ?? { from, to, calls: [] };
    this.#edges.set(`${from} ${to}`, edge);
    edge.calls.push(done);
  }

  services(): Service[] {
    const edges = Map.groupBy(this.#edges.values(), ({ from }) => from);
    return [...this.#nodes.values()].map(({ id, node: { name, type }, answered }) => ({
      ReferenceId: id,
      Name: name,
      Names: [name],
      ...(type === '' ? {} : { Type: type }),
      AccountId: this.#accountId,
      State: answered.length > 0 ? 'active' : 'unknown',
      ...timesOf(answered),
      Edges: (edges.get(id) ?? []).map(({ to, calls }) => edgeOf(to, calls)),
    }));
  }

  #known(node: Node) {
    const key = `${node.type} ${node.name}`;
    const known = this.#nodes.get(key) ?? { id: this.#nodes.size, node, answered: [] };
    this.#nodes.set(key, known);
    return known;
  }
}

function edgeOf(ReferenceId: number, calls: readonly Done[]): Edge {
  const faults = calls.filter(({ fault }) => fault === true).length;
  const errors = calls.filter(({ fault, error }) => fault !== true && error === true).length;
  return {
    ReferenceId,
    ...timesOf(calls),
    SummaryStatistics: {
      OkCount: calls.length - faults - errors,
      ErrorStatistics: { ThrottleCount: 0, OtherCount: errors, TotalCount: errors },
      FaultStatistics: { OtherCount: faults, TotalCount: faults },
      TotalCount: calls.length,
      TotalResponseTime: calls.reduce((sum, { start_time, end_time }) => sum + end_time - start_time, 0),
    },
  };
}

function timesOf(all: readonly Done[]): { StartTime?: Date; EndTime?: Date } {
  if (all.length === 0) return {};
  const [starts, ends] = [all.map(({ start_time }) => start_time), all.map(({ end_time }) => end_time)];
  return { StartTime: new Date(Math.min(...starts) * 1000), EndTime: new Date(Math.max(...ends) * 1000) };
}
