import * as z from 'zod';
import { defineLineDetector } from '../../../layers/core/log-detector.ts';
import { percent } from '../../../layers/core/units.ts';

const Params = z.object({
  /** Lines before anything can be new: at first everything is. Default 200. */
  warmUp: z.number().int().min(1).default(200),
  /** Lines after which the past counts half, so that a deployment's burst of new messages is not held against the next. Default 5,000. */
  halfLife: z.number().positive().default(5000),
});
type Params = z.infer<typeof Params>;

interface State {
  readonly params: Params;
  readonly lines: number;
  /** Lines and templates seen once, discounted by age. */
  readonly weight: number;
  readonly once: number;
}

/**
 * A message never logged before. How surprising it is depends on how often this log says something new: the chance that
 * the next line is of an unseen kind is the share of kinds seen once (Good 1953, "The population frequencies of species
 * and the estimation of population parameters", Biometrika 40). A log that invents a message every tenth line is not news.
 * Out of order and repeated lines change nothing: only counts are looked at.
 */
export const detector = defineLineDetector<Params, State>({
  name: 'new-template',
  summary: 'A log message of a kind that was never seen before.',
  params: Params,
  start: (params) => ({ params, lines: 0, weight: 0, once: 0 }),
  step(state, { count }) {
    const { params, lines } = state;
    const decay = 0.5 ** (1 / params.halfLife);
    const isNew = count === 1;
    const next: State = {
      params,
      lines: lines + 1,
      weight: state.weight * decay + 1,
      once: Math.max(0, state.once * decay + (isNew ? 1 : count === 2 ? -1 : 0)),
    };
    if (!isNew || lines < params.warmUp) return { state: next, score: 0, because: [] };
    const chance = Math.min(1, (state.once + 1) / (state.weight + 1));
    const because = [`Never seen in ${lines} lines; ${percent(chance)} of lines here are of a new kind.`];
    return { state: next, score: 1 - chance, because };
  },
});
