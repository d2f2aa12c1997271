import type * as z from 'zod';

/** A log line as the miner saw it (log-miner.ts). */
export interface LogEvent {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly template: number;
  /** Lines of this template so far, this one included: 1 is a template never seen before. */
  readonly count: number;
}

/** What happened to one thing from its beginning to its end (a request, a block, a task): its templates in order. */
export interface LogSession {
  readonly events: readonly number[];
}

/**
 * The sibling of Detector (detector.ts) for logs: small and pure, its state plain JSON. One file in
 * functions/detect/log-detectors, exported as `detector`. `reads` says what it is fed.
 */
export interface LogDetector<Input = never, Params = unknown, State = unknown> {
  readonly name: string;
  readonly summary: string;
  readonly reads: 'lines' | 'sessions';
  readonly params: z.ZodType<Params>;
  start(params: Params): State;
  /** `score` is 0 (normal) to 1 (surely abnormal), 0 while too little was seen; `because` is empty at 0. */
  step(
    state: State,
    input: Input,
  ): { readonly state: State; readonly score: number; readonly because: readonly string[] };
  /** The same state where templates turned out to be one: `into` says what each is now. */
  merged?(state: State, into: (template: number) => number): State;
}

export const defineLineDetector = <Params, State>(
  detector: Omit<LogDetector<LogEvent, Params, State>, 'reads'>,
): LogDetector<LogEvent, Params, State> & { readonly reads: 'lines' } => ({ ...detector, reads: 'lines' });

/** A detector of sessions remembers templates, so that it must be able to follow them. */
type SessionDetector<Params, State> = LogDetector<LogSession, Params, State> &
  Required<Pick<LogDetector<LogSession, Params, State>, 'merged'>> & { readonly reads: 'sessions' };

export const defineSessionDetector = <Params, State>(
  detector: Omit<SessionDetector<Params, State>, 'reads'>,
): SessionDetector<Params, State> => ({ ...detector, reads: 'sessions' });
