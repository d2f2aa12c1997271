/** An error as Step Functions knows it: a name for Retry and Catch, and a cause. */
export class StateError extends Error {
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** What ends an execution whatever its states catch (Developer Guide, "Error names"). */
const TERMINAL = ['States.DataLimitExceeded', 'States.Runtime'];

/** True when one of a Retry's or Catch's names is the error's. */
export function isNamed(names: readonly string[], error: string): boolean {
  const isTerminal = TERMINAL.includes(error);
  return names.some((name) => {
    if (name === 'States.ALL') return !isTerminal;
    if (name === 'States.TaskFailed') return !isTerminal && error !== 'States.Timeout';
    return name === error;
  });
}

/** What a call of Lambda failed with: a function's error has its type as name, and JSON as cause. */
export function taskError(thrown: unknown): StateError {
  if (thrown instanceof StateError) return thrown;
  const { name, message } = thrown instanceof Error ? thrown : { name: 'Error', message: String(thrown) };
  // AWS adds the stack as `trace`; nothing reads it.
  return new StateError(name, JSON.stringify({ errorType: name, errorMessage: message }));
}
