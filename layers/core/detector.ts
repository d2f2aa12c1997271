import type * as z from 'zod';

/** A sample of one series. `at` is seconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** What a detector says of one sample. */
export interface Step<State> {
  readonly state: State;
  /** 0 (normal) to 1 (surely abnormal). */
  readonly score: number;
  /** Whether to tell somebody; absent where a detector only scores. */
  readonly alert?: boolean;
}

/**
 * A detector: small and pure, its state plain JSON and typed arrays (`pack` writes it as JSON), so that it can be kept
 * between invocations, replayed and run in virtual time. One file in functions/detect/detectors, exported as `detector`.
 */
export interface Detector<Params = unknown, State = unknown> {
  readonly name: string;
  readonly summary: string;
  readonly params: z.ZodType<Params>;
  start(params: Params): State;
  /**
   * Takes the state over: it may change it in place and hand it back. A sample whose value is not finite, or that is not
   * later than the one before, is left out: score 0, state as it was.
   */
  step(state: State, sample: Sample): Step<State>;
  /** Between which values 90 per cent of what it has seen lie; absent where it keeps no such thing. */
  usual?(state: State): { readonly low: number; readonly high: number };
}

export function defineDetector<Params, State>(detector: Detector<Params, State>): Detector<Params, State> {
  return detector;
}
