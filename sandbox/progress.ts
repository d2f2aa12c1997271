/** Lines on the screen, each with the time since the start. */
export interface Progress {
  /** A line about the whole run. */
  say(line: string): void;
  /** A line about one scenario. */
  about(name: string, line: string): void;
}

/** @param now milliseconds; @param write takes a line without its end */
export function progressTo(write: (line: string) => void, now: () => number = () => performance.now()): Progress {
  const began = now();
  const stamp = (): string => `${Math.round((now() - began) / 1000)} s`.padStart(6);
  return {
    say: (line) => write(`${stamp()}  ${line}`),
    about: (name, line) => write(`${stamp()}  ${name.padEnd(22)}  ${line}`),
  };
}
