import type { Change } from './change.ts';
import type { Excess } from './excess.ts';
import type { Graph } from './graph.ts';
import type { RankingInput } from './input.ts';
import type { Family, Symptom } from './symptoms.ts';

/** What is known of every resource, after the first look at its metrics. */
export interface Known {
  readonly changes: ReadonlyMap<string, ReadonlyMap<Family, Change>>;
  readonly excess: ReadonlyMap<string, Excess>;
  readonly events: ReadonlyMap<string, Symptom>;
  readonly graph: Graph;
  readonly target: RankingInput['target'];
}
