/**
 * `npm run sandbox -- <command>`: an AWS account on this machine that stays up between commands.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { announceAccount, forgetAccount, runningAccount, type RunningAccount } from './account-file.ts';
import { breaks } from './breaks.ts';
import { bootstrap, deployApp } from './deploy/cdk.ts';
import { startSandbox } from './sandbox.ts';
import { describeAccount, serviceLogs } from './status.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Command {
  readonly usage: string;
  readonly summary: string;
  run(args: readonly string[]): Promise<void>;
}

/** What the user asked for cannot be done; the message says why and what to do. */
class Refusal extends Error {}

const commands: Readonly<Record<string, Command>> = {
  up: { usage: 'up [--port N]', summary: 'brings the account up, in the background', run: up },
  deploy: {
    usage: 'deploy <cdk app folder or command> [--context key=value …]',
    summary: 'deploys a CDK app into it',
    run: deploy,
  },
  status: {
    usage: 'status',
    summary: 'services, their tasks, and alarms',
    run: async () => say(await describeAccount(needAccount())),
  },
  logs: { usage: 'logs <service>', summary: 'the last lines of its containers', run: logs },
  break: {
    usage: 'break <what> [args]',
    summary: 'breaks something on purpose; without arguments, lists what',
    run: breakSomething,
  },
  down: { usage: 'down', summary: 'ends the account and everything in it', run: down },
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === 'serve') return serve(args);
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) {
    if (name !== undefined && name !== 'help' && name !== '--help') say(`there is no command "${name}"`);
    for (const { usage, summary } of Object.values(commands))
      say(`  npm run sandbox -- ${usage.padEnd(54)} ${summary}`);
    return name === undefined || name === 'help' || name === '--help' ? 0 : 2;
  }
  try {
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

function needAccount(): RunningAccount {
  const account = runningAccount();
  if (account === undefined) throw new Refusal('the account is not up; bring it up with: npm run sandbox -- up');
  return account;
}

/** Holds the account until it is told to end: what `up` starts in the background. */
async function serve(args: readonly string[]): Promise<number> {
  const sandbox = await startSandbox({ port: portOf(args), log: (line) => say(`${new Date().toISOString()} ${line}`) });
  announceAccount({ endpoint: sandbox.endpoint, pid: process.pid, env: sandbox.env, stateDir: sandbox.stateDir });
  await new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  });
  forgetAccount();
  await sandbox.stop();
  return 0;
}

async function up(args: readonly string[]): Promise<void> {
  const running = runningAccount();
  if (running !== undefined) throw new Refusal(`the account is up already, at ${running.endpoint}`);
  const folder = join(root, '.sandbox');
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, 'account.log');
  const log = openSync(logFile, 'w');
  const options = { stdio: ['ignore', log, log] as ['ignore', number, number], detached: true };
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve', ...args], options);
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  for (;;) {
    const account = runningAccount();
    if (account?.pid === child.pid) break;
    if (ended)
      throw new Error(
        `it ended during its start:\n${readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n')}`,
      );
    await sleep(50);
  }
  child.unref();
  say(`The account is up at ${needAccount().endpoint}; it logs to .sandbox/account.log.`);
  say('Next: npm run sandbox -- deploy <cdk app folder>');
}

async function deploy(args: readonly string[]): Promise<void> {
  const { env, stateDir } = needAccount();
  const [target, ...rest] = args;
  if (target === undefined)
    throw new Refusal(`name a CDK app's folder, or the command that runs it: ${commands['deploy']?.usage}`);
  const { app, cwd } = appOf(target);
  const context = contextOf(rest);
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...inherited } = process.env;
  const options = { root, workDir: stateDir ?? join(root, '.sandbox'), log: say, env: { ...inherited, ...env } };
  await bootstrap(options, env['AWS_ACCESS_KEY_ID'] ?? '', env['AWS_REGION'] ?? '');
  await deployApp(options, { app, cwd, context });
  say('Deployed. Next: npm run sandbox -- status');
}

/** A folder names its app in its cdk.json; everything else is a command, run here. */
function appOf(target: string): { readonly app: string; readonly cwd: string } {
  const folder = resolve(target);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return { app: target, cwd: process.cwd() };
  const config = join(folder, 'cdk.json');
  const { app } = existsSync(config) ? (JSON.parse(readFileSync(config, 'utf8')) as { app?: string }) : {};
  if (app === undefined)
    throw new Refusal(
      `${folder} has no cdk.json that names an "app"; name the command instead, e.g. deploy "node app.ts"`,
    );
  return { app, cwd: folder };
}

function contextOf(args: readonly string[]): Record<string, string> {
  const pairs = args.flatMap((arg, index) => (arg === '--context' || arg === '-c' ? [args[index + 1] ?? ''] : []));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

async function logs([service]: readonly string[]): Promise<void> {
  if (service === undefined) throw new Refusal('name a service; "npm run sandbox -- status" lists them');
  say(await serviceLogs(needAccount(), service));
}

async function breakSomething([name, ...args]: readonly string[]): Promise<void> {
  const chosen = breaks.find((each) => each.name === name);
  if (chosen !== undefined) return say(await chosen.run(args, needAccount()));
  if (name !== undefined) say(`there is no "${name}" to break`);
  for (const each of breaks) say(`  ${`${each.name} ${each.usage}`.padEnd(40)} ${each.summary}`);
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function portOf(args: readonly string[]): number {
  const at = args.indexOf('--port');
  if (at < 0) return 0;
  const port = Number(args[at + 1]);
  if (!Number.isInteger(port) || port < 1024 || port > 65_535)
    throw new Refusal(`--port takes 1024 to 65535, got ${args[at + 1]}`);
  return port;
}

process.exitCode = await main(process.argv.slice(2));
