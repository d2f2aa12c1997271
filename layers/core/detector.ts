import type * as z from 'zod';

/** A sample of one series. `at` is seconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/**
 * A detector: small and pure, its state plain JSON, so that it can be kept between invocations, replayed and run in
 * virtual time. One file in functions/detect/detectors, exported as `detector`.
 */
export interface Detector<Params = unknown, State = unknown> {
  readonly name: string;
  readonly summary: string;
  readonly params: z.ZodType<Params>;
  start(params: Params): State;
  /** `score` is 0 (normal) to 1 (surely abnormal). */
  step(state: State, sample: Sample): { readonly state: State; readonly score: number };
}

export function defineDetector<Params, State>(detector: Detector<Params, State>): Detector<Params, State> {
  return detector;
}
