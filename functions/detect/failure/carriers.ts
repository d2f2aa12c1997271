/** Which metrics carry a foretold failure. */
import type { Carrier } from '../../../layers/core/signal.ts';
import { failureLogit, type FailureModel } from './failure-model.ts';
import type { View } from './view.ts';

/** More would not be read. */
const AT_MOST = 3;

/**
 * Each metric is put back to what is usual for it in turn: by how far the logit falls, so much it carries (occlusion, Zeiler
 * and Fergus 2014). The first carries most; none where it is the company of them that does.
 */
export function carriersOf(model: FailureModel, view: View): Carrier[] {
  const whole = failureLogit(model, view.features);
  const fallen = view.seen
    .flatMap((seen, column) => (seen ? [{ seen, by: whole - failureLogit(model, view.without(column)) }] : []))
    .filter(({ by }) => by > 0)
    .sort((a, b) => b.by - a.by);
  const first = new Map<string, Carrier>();
  for (const { seen } of fallen)
    if (!first.has(seen.series)) first.set(seen.series, { ...seen, usual: { ...seen.usual } });
  return [...first.values()].slice(0, AT_MOST);
}
