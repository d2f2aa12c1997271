import { parseArgs } from 'node:util';
import { connect } from './account.ts';
import { UsageError, type Command } from './command.ts';
import { command as approve } from './commands/approve.ts';
import { command as audit } from './commands/audit.ts';
import { command as confirm } from './commands/confirm.ts';
import { command as correct } from './commands/correct.ts';
import { command as deny } from './commands/deny.ts';
import { command as discover } from './commands/discover.ts';
import { command as explain } from './commands/explain.ts';
import { command as go } from './commands/go.ts';
import { command as incidents } from './commands/incidents.ts';
import { command as models } from './commands/models.ts';
import { command as patterns } from './commands/patterns.ts';
import { command as replay } from './commands/replay.ts';
import { command as report } from './commands/report.ts';
import { command as status } from './commands/status.ts';
import { command as stop } from './commands/stop.ts';
import { command as unfreeze } from './commands/unfreeze.ts';
import { remedy } from './errors.ts';
import { printer } from './output.ts';

export const COMMANDS: Readonly<Record<string, Command>> = {
  status,
  incidents,
  explain,
  approve,
  deny,
  confirm,
  correct,
  stop,
  go,
  report,
  patterns,
  models,
  discover,
  replay,
  audit,
  unfreeze,
};

const COMMON = {
  json: { type: 'boolean' },
  stack: { type: 'string' },
  aws: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Where lines go: a terminal, or a test. */
export interface Streams {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

function help(): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  return [
    'Usage: npx prunella <command> [options]',
    '',
    ...Object.values(COMMANDS).map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    'Common options:',
    '  --json         print one JSON document',
    '  --stack NAME   the deployed stack (default: Prunella)',
    '  --aws          talk to AWS although a local account is running',
  ].join('\n');
}

/** Runs one command line. @returns the exit code: 0 only when it did what was asked */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    return await dispatch(argv, streams.print, streams.complain);
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    streams.complain(`prunella: ${remedy(error) ?? stack}`);
    return 1;
  }
}

async function dispatch(
  [name, ...rest]: readonly string[],
  print: Streams['print'],
  complain: Streams['complain'],
): Promise<number> {
  if (name === undefined || ['help', '--help', '-h'].includes(name)) return (print(help()), 0);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(unknown(name));
  const own = Object.fromEntries(Object.entries(command.options ?? {}).map(([option, type]) => [option, { type }]));
  const { values, positionals } = parse(rest, { ...COMMON, ...own }, command);
  if (values['help']) return (print(`npx prunella ${command.usage}\n${command.summary}`), 0);
  if (positionals.length > 0 && takesNoArgument(command))
    throw new UsageError(`${name} takes no argument, got ${positionals.join(' ')}`);
  const json = values['json'] === true;
  const out = printer(json ? () => undefined : print);
  const stack = typeof values['stack'] === 'string' ? values['stack'] : 'Prunella';
  const account = () => connect({ stack, aws: values['aws'] === true });
  const failures: string[] = [];
  const fail = (why: string): void => void failures.push(why);
  const answer = await command.run({ args: positionals, options: values, account, out, fail });
  if (json) print(JSON.stringify(answer, null, 2));
  for (const why of failures) complain(`prunella: ${why}`);
  return failures.length > 0 ? 1 : 0;
}

/** Read off its usage, e.g. `incidents [--last N]`. */
const takesNoArgument = ({ usage }: Command): boolean =>
  !usage
    .replace(/\[--.*\]/, '')
    .trim()
    .includes(' ');

function unknown(name: string): string {
  const commands = Object.keys(COMMANDS).join(', ');
  if (name.startsWith('-')) return `supply the command before its options, one of ${commands}; got ${name}`;
  return `there is no command ${name}: one of ${commands} would be right`;
}

type ParsedOptions = Record<string, { type: 'string' | 'boolean'; short?: string }>;

function parse(args: string[], options: ParsedOptions, { usage }: Command) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('. To specify')[0] : String(cause);
    throw new UsageError(`${reason}; the command is: npx prunella ${usage}`, { cause });
  }
}
