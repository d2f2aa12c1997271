import { parseArgs } from 'node:util';
import { UsageError } from '../cli/command.ts';

export const USAGE = `Usage: npm run simulate -- [--incidents N] [--seed S] [--json FILE]    many faults, one after the other
       npm run simulate -- --only N --seed S                         one of them again, with its audit trail
       npm run simulate -- --healthy-month [--seed S] [--json FILE]  thirty days in which nothing is wrong
  --incidents N    faults enter until so many incidents have been opened (default 200): about two a fault
  --seed S         the same seed gives the same run, bit for bit (default 1)
  --json FILE      write everything as JSON, too
  --record DIR     keep each incident that was diagnosed, with the truth beside it: what \`prunella replay\` reads
  --help           this`;

export type Options = { readonly seed: number; readonly json?: string } & (
  | { readonly run: 'many'; readonly incidents: number; readonly record?: string }
  | { readonly run: 'again'; readonly only: number }
  | { readonly run: 'month' }
);

const OPTIONS = {
  incidents: { type: 'string' },
  seed: { type: 'string' },
  only: { type: 'string' },
  'healthy-month': { type: 'boolean' },
  json: { type: 'string' },
  record: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @returns undefined when help was asked for. @throws UsageError */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const { json, record } = values;
  const seed = whole('seed', values.seed ?? '1');
  const common = { seed, ...(json === undefined ? {} : { json }) };
  if (values.only !== undefined) {
    refuse(values, '--only', ['incidents', 'healthy-month', 'json', 'record']);
    return { ...common, run: 'again', only: whole('only', values.only) };
  }
  if (values['healthy-month']) {
    refuse(values, '--healthy-month', ['incidents', 'record']);
    return { ...common, run: 'month' };
  }
  const incidents = whole('incidents', values.incidents ?? '200');
  return { ...common, run: 'many', incidents, ...(record === undefined ? {} : { record }) };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    const [told = ''] = (cause instanceof Error ? cause.message : String(cause)).split(/\.\s/);
    throw new UsageError(told, { cause });
  }
}

function refuse(values: Readonly<Record<string, unknown>>, beside: string, names: readonly string[]): void {
  const found = names.find((name) => values[name] !== undefined);
  if (found) throw new UsageError(`supply ${beside} without --${found}`);
}

/** Not from text that JavaScript reads as a number although a person would not: '', '1e3', '0x10'. */
function whole(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`supply a whole number from 1 with --${name}, got '${text}'`);
}
