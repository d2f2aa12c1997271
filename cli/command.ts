import type { Account } from './account.ts';

/** Thrown for what the operator can put right; printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Where a command writes: lines for a person, or one JSON document with `--json`. */
export interface Output {
  line(text?: string): void;
  table(rows: readonly Readonly<Record<string, string | number | undefined>>[], empty: string): void;
}

export interface Invocation {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly account: () => Promise<Account>;
  readonly out: Output;
  /** The answer is printed all the same, then why the command ends with 1. */
  readonly fail: (why: string) => void;
}

/** One subcommand: one file in cli/commands, named after it. `run` answers what `--json` prints. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Options beside the common ones; `string` takes a value. */
  readonly options?: Readonly<Record<string, 'string' | 'boolean'>>;
  run(invocation: Invocation): Promise<unknown>;
}

/** The command's one argument. @throws UsageError when it is missing. */
export function onlyArgument({ args }: Invocation, what: string): string {
  const [first, ...more] = args;
  if (first === undefined) throw new UsageError(`supply ${what}`);
  if (more.length > 0) throw new UsageError(`supply only ${what}, got ${args.length}: ${args.join(' ')}`);
  return first;
}

/** A positive whole number given as an option. @throws UsageError when it is none. */
export function wholeNumber(options: Invocation['options'], name: string, byDefault: number): number {
  const text = options[name];
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`supply a whole number of 1 or more for --${name}, got ${String(text)}`);
  return value;
}
