/** Time, injected so that tests run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once after `afterMs`; the answer cancels it. */
  after(afterMs: number, run: () => void): () => void;
}

/** The machine's own clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(afterMs, run) {
    const timer = setTimeout(run, afterMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Runs `run` at every multiple of `everyMs` plus `offsetMs`, on the wall clock's grid, so that a late run does not shift
 * those after it. The answer stops it.
 */
export function onTheGrid(clock: Clock, everyMs: number, offsetMs: number, run: (at: number) => void): () => void {
  let cancel = (): void => undefined;
  let stopped = false;
  const arm = (): void => {
    const now = clock.now();
    const next = Math.floor((now - offsetMs) / everyMs + 1) * everyMs + offsetMs;
    cancel = clock.after(next - now, () => {
      if (stopped) return;
      arm();
      run(next);
    });
  };
  arm();
  return () => {
    stopped = true;
    cancel();
  };
}
