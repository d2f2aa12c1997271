/**
 * `npm run sandbox -- <command>`: an AWS account on this machine that stays up between commands.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  announceAccount,
  forgetAccount,
  isAlive,
  runningAccount,
  sandboxFolder,
  type RunningAccount,
} from './account-file.ts';
import { breaks } from './breaks.ts';
import { bootstrap, deployApp } from './deploy/cdk.ts';
import { rightsReport } from './iam/report.ts';
import { Refusal } from './refusal.ts';
import { startSandbox } from './sandbox.ts';
import { describeAccount, serviceLogs } from './status.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Words it takes at most, where it does not judge them itself. */
  readonly words?: number;
  run(args: readonly string[]): Promise<void>;
}

const commands: Readonly<Record<string, Command>> = {
  up: { usage: 'up [--port N]', summary: 'brings the account up, in the background', run: up },
  deploy: {
    usage: 'deploy <cdk app folder or command> [--context key=value …]',
    summary: 'deploys a CDK app into it',
    run: deploy,
  },
  env: {
    usage: 'env',
    words: 0,
    summary: 'prints how to reach it: eval "$(npm run --silent sandbox -- env)"',
    run: async () => say(exportsOf(needAccount())),
  },
  status: {
    usage: 'status',
    words: 0,
    summary: 'services, their tasks, and alarms',
    run: async () => say(await describeAccount(needAccount())),
  },
  rights: {
    usage: 'rights',
    words: 0,
    summary: 'which rights Prunella was refused, and which it has not used',
    run: async () => say(rightsReport(needAccount().stateDir)),
  },
  logs: { usage: 'logs <service>', words: 1, summary: 'the last lines of its containers', run: logs },
  break: {
    usage: 'break <what> [args]',
    summary: 'breaks something on purpose; without arguments, lists what',
    run: breakSomething,
  },
  down: { usage: 'down', words: 0, summary: 'ends the account and everything in it', run: down },
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === 'serve') return serve(args);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const asked = name === undefined || name === 'help' || isHelp(name);
    if (!asked) say(`there is no command "${name}"`);
    for (const each of Object.values(commands)) say(lineOf(each));
    return asked ? 0 : 2;
  }
  if (args.some(isHelp)) return (say(lineOf(command)), 0);
  try {
    if (args.length > (command.words ?? Infinity))
      throw new Refusal(`got ${args.join(' ')}; the command is: npm run sandbox -- ${command.usage}`);
    await command.run(args);
    return 0;
  } catch (error) {
    say(
      error instanceof Refusal
        ? error.message
        : `${name} failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    return 1;
  }
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';
const lineOf = ({ usage, summary }: Command): string => `  npm run sandbox -- ${usage.padEnd(54)} ${summary}`;

function needAccount(): RunningAccount {
  const account = runningAccount();
  if (account !== undefined) return account;
  const reason = lastWords();
  throw new Refusal(`the account is not up${reason ? ` (${reason})` : ''}; bring it up with: npm run sandbox -- up`);
}

/** Why the last account ended, when nobody asked it to. */
function lastWords(): string | undefined {
  const text = existsSync(logFile()) ? readFileSync(logFile(), 'utf8') : '';
  return text
    .split('\n')
    .findLast((line) => line.includes(' the account ended by itself: '))
    ?.replace(/^\S+ /, '');
}

const logFile = (): string => join(sandboxFolder(), 'account.log');

/** Lines for a shell, so that the CDK's and AWS's own command lines talk to the account as well. */
function exportsOf({ env }: RunningAccount): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join('\n');
}

/** Holds the account until it is told to end, or ends by itself: what `up` starts in the background. */
async function serve(args: readonly string[]): Promise<number> {
  const end = Promise.withResolvers<number>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.resolve(0));
  const sandbox = await startSandbox({
    port: portOf(args),
    log: (line) => say(`${new Date().toISOString()} ${line}`),
    onDeath: () => end.resolve(1),
  });
  announceAccount({ endpoint: sandbox.endpoint, pid: process.pid, env: sandbox.env, stateDir: sandbox.stateDir });
  const code = await end.promise;
  forgetAccount();
  await sandbox.stop();
  return code;
}

async function up(args: readonly string[]): Promise<void> {
  const running = runningAccount();
  if (running !== undefined) throw new Refusal(`the account is up already, at ${running.endpoint}`);
  portOf(args);
  mkdirSync(sandboxFolder(), { recursive: true });
  const log = openSync(logFile(), 'w');
  const options = { stdio: ['ignore', log, log] as ['ignore', number, number], detached: true };
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve', ...args], options);
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  while (runningAccount()?.pid !== child.pid) {
    if (ended) {
      const tail = readFileSync(logFile(), 'utf8').trim().split('\n').slice(-15).join('\n');
      throw new Error(`it ended during its start:\n${tail}`);
    }
    await sleep(50);
  }
  child.unref();
  say(`The account is up at ${needAccount().endpoint}; it logs to ${nearest(logFile())}.`);
  say('Next: npm run sandbox -- deploy <cdk app folder>; the folder . deploys Prunella.');
}

/** A path as the user would type it. */
function nearest(path: string): string {
  const fromHere = relative(here(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

/** Where the user stands: npm runs scripts in the clone, wherever it was called. */
const here = (): string => process.env['INIT_CWD'] ?? process.cwd();

async function deploy(args: readonly string[]): Promise<void> {
  const { env, stateDir } = needAccount();
  const [target, ...rest] = args;
  if (target === undefined)
    throw new Refusal(`name a CDK app's folder, or the command that runs it: ${commands['deploy']?.usage}`);
  const { app, cwd } = appOf(target);
  const context = contextOf(rest);
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...inherited } = process.env;
  const options = { root, workDir: stateDir ?? sandboxFolder(), log: say, env: { ...inherited, ...env } };
  await bootstrap(options, env['AWS_ACCESS_KEY_ID'] ?? '', env['AWS_REGION'] ?? '');
  await deployApp(options, { app, cwd, context });
  say('Deployed. Next: npm run sandbox -- status');
}

/** A folder names its app in its cdk.json; everything else is a command, run here. */
function appOf(target: string): { readonly app: string; readonly cwd: string } {
  const folder = resolve(here(), target);
  if (!existsSync(folder) && !target.includes(' '))
    throw new Refusal(`${target} is no folder, and no command that runs a CDK app, such as "node app.ts"`);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return { app: target, cwd: here() };
  const config = join(folder, 'cdk.json');
  const { app } = existsSync(config) ? (JSON.parse(readFileSync(config, 'utf8')) as { app?: string }) : {};
  if (app === undefined)
    throw new Refusal(
      `${folder} has no cdk.json that names an "app"; name the command instead, e.g. deploy "node app.ts"`,
    );
  return { app, cwd: folder };
}

function contextOf(args: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let at = 0; at < args.length; at += 2) {
    const [option = '', pair = ''] = args.slice(at, at + 2);
    const equals = pair.indexOf('=');
    if ((option !== '--context' && option !== '-c') || equals < 1)
      throw new Refusal(`supply -c key=value after the app, got ${args.slice(at).join(' ')}`);
    pairs.push([pair.slice(0, equals), pair.slice(equals + 1)]);
  }
  return Object.fromEntries(pairs);
}

async function logs([service]: readonly string[]): Promise<void> {
  say(await serviceLogs(needAccount(), service));
}

async function breakSomething([name, ...args]: readonly string[]): Promise<void> {
  const list = breaks.map((each) => `  ${`${each.name} ${each.usage}`.padEnd(32)} ${each.summary}`).join('\n');
  if (name === undefined) return say(list);
  const chosen = breaks.find((each) => each.name === name);
  if (chosen === undefined) throw new Refusal(`there is no way to break called "${name}":\n${list}`);
  say(await chosen.run(args, needAccount()));
}

async function down(): Promise<void> {
  const { pid } = needAccount();
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + 20_000;
  while (runningAccount() !== undefined || isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} does not end; end it with: kill -9 ${pid}`);
    await sleep(50);
  }
  say('The account is down.');
}

/** The port to listen on; 0 for any. */
function portOf(args: readonly string[]): number {
  const { port: text = '0' } = optionsOfUp(args);
  const port = Number(text);
  if (port === 0 || (Number.isInteger(port) && port >= 1024 && port <= 65_535)) return port;
  throw new Refusal(`--port takes 1024 to 65535, got ${text}`);
}

function optionsOfUp(args: readonly string[]): { readonly port?: string } {
  try {
    return parseArgs({ args: [...args], options: { port: { type: 'string' } } }).values;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message.split('. ')[0] : String(cause);
    throw new Refusal(`${what}; the command is: npm run sandbox -- ${commands['up']?.usage}`);
  }
}

process.exitCode = await main(process.argv.slice(2));
