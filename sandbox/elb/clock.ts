/** The time that the local account's schedulers run on; tests run it faster. */
export interface Clock {
  /** How many times as fast as the machine's clock it runs. */
  readonly speed: number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` after `ms` milliseconds of this clock; answers how to cancel. The timer keeps no process alive. */
  after(ms: number, run: () => void): () => void;
  /** Calls `run` every `ms` milliseconds of this clock; answers how to cancel. The timer keeps no process alive. */
  every(ms: number, run: () => void): () => void;
}

/** The machine's clock, or one that runs `factor` times as fast from now on. */
export function clockAt(factor = 1): Clock {
  const started = Date.now();
  return {
    speed: factor,
    now: () => started + (Date.now() - started) * factor,
    after: (ms, run) => {
      const timer = setTimeout(run, ms / factor).unref();
      return () => clearTimeout(timer);
    },
    every: (ms, run) => {
      const timer = setInterval(run, ms / factor).unref();
      return () => clearInterval(timer);
    },
  };
}

export const systemClock: Clock = clockAt(1);

/** Resolves after `ms` milliseconds of the clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

export const MINUTE = 60_000;

/** Calls `run` a moment after each full minute of the clock, with the time the minute began. */
export function everyMinute(clock: Clock, run: (minuteBegan: number) => void): () => void {
  let last = Math.floor(clock.now() / MINUTE);
  return clock.every(500, () => {
    const current = Math.floor(clock.now() / MINUTE);
    for (; last < current; last += 1) run(last * MINUTE);
  });
}
