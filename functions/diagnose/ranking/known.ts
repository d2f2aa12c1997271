import type { Seconds } from '../../../layers/core/units.ts';
import { callsMade } from './calls.ts';
import { changeOf, type Change } from './change.ts';
import { edgeSymptom } from './edges.ts';
import { excessOf, type Excess } from './excess.ts';
import { graphOf, type Graph } from './graph.ts';
import type { RankingInput } from './input.ts';
import { strongest, type Family, type Symptom } from './symptoms.ts';
import { earliest } from './time.ts';

/** What is known of every resource, after the first look at its metrics. */
export interface Known {
  /** The earliest the trouble may have begun. */
  readonly from: Seconds;
  readonly changes: ReadonlyMap<string, ReadonlyMap<Family, Change>>;
  readonly excess: ReadonlyMap<string, Excess>;
  readonly events: ReadonlyMap<string, Symptom>;
  /** What the calls to and from it spend on the way. */
  readonly network: ReadonlyMap<string, Symptom>;
  readonly graph: Graph;
  readonly target: RankingInput['target'];
}

export function knownOf(input: RankingInput): Known {
  const { measured, edges, events, target } = input;
  const from = earliest(input);
  const byNode = Map.groupBy(measured, ({ node }) => node);
  const worst = Map.groupBy(events ?? [], ({ node }) => node);
  const changes = strongest([...measured, ...callsMade(edges, measured)].flatMap((one) => changeOf(one, from) ?? []));
  const ends = [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))];
  const late = ends.flatMap((node) => edgeSymptom(node, edges, changes, from) ?? []);
  return {
    from,
    changes,
    network: new Map(late.map((symptom) => [symptom.node, symptom])),
    excess: new Map([...byNode].map(([node, series]) => [node, excessOf(series, from)])),
    events: new Map([...worst].map(([node, all]) => [node, eventSymptom(node, all)])),
    graph: graphOf(edges),
    target,
  };
}

function eventSymptom(node: string, events: NonNullable<RankingInput['events']>): Symptom {
  const [worst] = events.toSorted((a, b) => b.strength - a.strength);
  return { node, family: 'events', z: worst?.strength ?? 0, own: 1, because: worst?.what ?? '' };
}
