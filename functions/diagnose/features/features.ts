import type { Root } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { answers } from './answers.ts';
import { changes } from './changes.ts';
import type { Feature } from './feature.ts';
import { limits } from './limits.ts';
import { logs } from './logs.ts';
import { memory } from './memory.ts';
import { neighbours } from './neighbours.ts';
import { outages } from './outages.ts';
import { tasks } from './tasks.ts';

/** Everything the fault model is told of an incident, in a fixed order. docs/diagnosis.md lists them. */
export const FEATURES: readonly Feature[] = [
  ...answers,
  ...memory,
  ...limits,
  ...tasks,
  ...changes,
  ...logs,
  ...neighbours,
  ...outages,
];

/** What a model takes: values by name; what the evidence does not say, or is not finite, is left out. */
export function featuresOf(evidence: Evidence, roots: readonly Root[]): Record<string, number> {
  return Object.fromEntries(
    FEATURES.flatMap(({ name, of }) => {
      const value = of(evidence, roots);
      return value !== undefined && Number.isFinite(value) ? [[name, value] as const] : [];
    }),
  );
}
