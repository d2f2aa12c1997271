import { parseArgs } from 'node:util';
import { connect } from './account.ts';
import { UsageError, type Command } from './command.ts';
import { command as approve } from './commands/approve.ts';
import { command as audit } from './commands/audit.ts';
import { command as deny } from './commands/deny.ts';
import { command as discover } from './commands/discover.ts';
import { command as explain } from './commands/explain.ts';
import { command as go } from './commands/go.ts';
import { command as incidents } from './commands/incidents.ts';
import { command as replay } from './commands/replay.ts';
import { command as report } from './commands/report.ts';
import { command as status } from './commands/status.ts';
import { command as stop } from './commands/stop.ts';
import { command as unfreeze } from './commands/unfreeze.ts';
import { printer } from './output.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  status,
  incidents,
  explain,
  approve,
  deny,
  stop,
  go,
  report,
  discover,
  replay,
  audit,
  unfreeze,
};

const COMMON = {
  json: { type: 'boolean' },
  stack: { type: 'string' },
  aws: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

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

async function run(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help') return console.log(help());
  const command = COMMANDS[name];
  if (!command)
    throw new UsageError(`there is no command ${name}: one of ${Object.keys(COMMANDS).join(', ')} would be right`);
  const own = Object.fromEntries(Object.entries(command.options ?? {}).map(([option, type]) => [option, { type }]));
  const { values, positionals } = parse(rest, { ...COMMON, ...own });
  if (values['help']) return console.log(`npx prunella ${command.usage}\n${command.summary}`);
  const json = values['json'] === true;
  const out = printer(json ? () => undefined : (line) => console.log(line));
  const stack = typeof values['stack'] === 'string' ? values['stack'] : 'Prunella';
  const account = () => connect({ stack, aws: values['aws'] === true });
  const answer = await command.run({ args: positionals, options: values, account, out });
  if (json) console.log(JSON.stringify(answer, null, 2));
}

function parse(args: string[], options: Record<string, { type: 'string' | 'boolean' }>) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? `prunella: ${error.message}` : error);
  process.exitCode = 1;
}
