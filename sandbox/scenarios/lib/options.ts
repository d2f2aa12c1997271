import { parseArgs } from 'node:util';
import { UsageError } from '../../../cli/command.ts';

export interface Options {
  readonly help: boolean;
  readonly list: boolean;
  /** Also those that are not in the usual run. */
  readonly all: boolean;
  /** Names; empty for the usual run. */
  readonly scenarios: readonly string[];
  readonly seed: number;
  readonly keep: boolean;
  readonly json: string | undefined;
  readonly record: string | undefined;
  /** Shops at once. */
  readonly atOnce: number;
  readonly verbose: boolean;
}

export const HELP = `Usage: npm start -- [options]

Brings up an AWS account on this machine, deploys Prunella and shops, breaks the shops, and shows how they are healed.

  --list              print the scenarios, one a line
  --all               also further ones, but for those that others would disturb: the run takes longer
  --scenario NAME     only these (repeat it, or separate names by commas)
  --seed N            another variation: service, size, onset, confounder (default 1)
  --at-once N         shops at the same time (default 10)
  --json FILE         write the results as JSON
  --record DIR        keep each incident's evidence, with the truth beside it
  --keep              leave the account up afterwards; Ctrl-C ends it
  --verbose           show the account's own log as well
  --help              this text

Ends with 0 only when every scenario ended as it should.`;

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const values = parsed(args);
  return {
    help: values.help ?? false,
    list: values.list ?? false,
    all: values.all ?? false,
    scenarios: (values.scenario ?? []).flatMap((names) => names.split(',')).filter((name) => name !== ''),
    seed: whole('--seed', values.seed ?? '1', 0),
    keep: values.keep ?? false,
    json: values.json,
    record: values.record,
    atOnce: whole('--at-once', values['at-once'] ?? '10', 1),
    verbose: values.verbose ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        list: { type: 'boolean' },
        all: { type: 'boolean' },
        scenario: { type: 'string', multiple: true },
        seed: { type: 'string' },
        'at-once': { type: 'string' },
        keep: { type: 'boolean' },
        json: { type: 'string' },
        record: { type: 'string' },
        verbose: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    const what = cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause);
    throw new UsageError(`${what}; see \`npm start -- --help\``, { cause });
  }
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`${option} takes a whole number from ${least} on, got ${text}`);
}

/**
 * The scenarios asked for, in the catalogue's order; without a name those of the usual run, or every one that others do not disturb.
 * @throws UsageError naming those there are
 */
export function choose<T extends { readonly name: string; readonly further?: boolean; readonly alone?: boolean }>(
  all: readonly T[],
  wanted: readonly string[],
  every = false,
): readonly T[] {
  const unknown = wanted.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new UsageError(
      `there is no scenario ${unknown.join(', ')}; there are ${all
        .map(({ name }) => name)
        .sort()
        .join(', ')}`,
    );
  }
  if (wanted.length > 0) return all.filter(({ name }) => wanted.includes(name));
  return all.filter(({ further = false, alone = false }) => !alone && (every || !further));
}
