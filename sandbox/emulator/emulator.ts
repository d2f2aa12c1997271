import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from './ports.ts';

/** MiniStack, running. It knows only the endpoint's address, so that everything it hands out leads back there. */
export interface Emulator {
  /** Where it listens, e.g. `http://127.0.0.1:40123`. Only the endpoint talks to it. */
  readonly url: string;
  readonly pid: number;
  /** Calls that carry it as `x-sandbox-token` may put events of AWS services on the bus. */
  readonly token: string;
  /** Ends the emulator and every Lambda worker it started. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** The clone's root: holds `.venv` and `node_modules`. */
  readonly root: string;
  /** Scratch space and logs; emptied at the start. */
  readonly stateDir: string;
  /** The sandbox's endpoint, which functions inside the emulator call. */
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
  /** Called once when the emulator ends without having been asked to. */
  readonly onDeath?: (reason: string) => void;
}

const healthAfterMs = 60_000;

/**
 * Starts the emulator on a free loopback port and waits until it answers.
 * @throws when it is not installed, or ends or stays silent during the start; the message holds its last output.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const python = join(options.root, '.venv', 'bin', 'python');
  if (!existsSync(python))
    throw new Error(`no emulator at .venv/bin/python; run "npm test" or "npm start" once to set it up`);
  const scratch = join(options.stateDir, 'tmp');
  await prepareScratch(scratch);
  const port = await freePort();
  const token = randomUUID();
  const child = spawn(python, [join(options.root, 'sandbox', 'emulator', 'serve.py'), String(port)], {
    cwd: options.stateDir,
    env: emulatorEnv(options, scratch, token),
    stdio: ['pipe', 'pipe', 'pipe'], // it ends when its standard input does, so never outlives this process
    detached: true, // its own process group, so that its workers can be ended with it
  });
  const tail = keepTail(child, join(options.stateDir, 'emulator.log'));
  const url = `http://127.0.0.1:${port}`;
  const life = watchLife(child, tail, options.onDeath);
  try {
    await untilHealthy(url, life, tail);
  } catch (cause) {
    await life.stop();
    throw cause;
  }
  return { url, pid: child.pid ?? 0, token, stop: life.stop };
}

/** TMPDIR holds the workers' scripts, which are CommonJS whatever package.json lies above the clone. */
async function prepareScratch(scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  await writeFile(join(scratch, 'package.json'), '{"type":"commonjs"}\n');
}

function emulatorEnv(options: EmulatorOptions, scratch: string, token: string): NodeJS.ProcessEnv {
  const preload = join(options.root, 'sandbox', 'emulator', 'worker-preload.mjs');
  return {
    PATH: `${join(options.root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
    HOME: scratch,
    TMPDIR: scratch,
    LANG: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    SANDBOX_TOKEN: token,
    LOG_LEVEL: 'WARNING',
    // The port in the URLs that it hands out (queues, callbacks) is the endpoint's, not its own.
    GATEWAY_PORT: new URL(options.endpoint).port,
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_ACCOUNT_ID: options.accountId,
    MINISTACK_REGION: options.region,
    LAMBDA_EXECUTOR: 'local',
    LAMBDA_WARM_TTL_SECONDS: '120',
    // What follows is handed on to the functions it runs.
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_ACCESS_KEY_ID: options.accountId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DISABLE_REQUEST_COMPRESSION: 'true',
    NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`,
  };
}

/** Keeps the last lines for error messages, and all of it in a file. */
function keepTail(child: ChildProcess, file: string): () => string {
  const log = createWriteStream(file);
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4000);
      log.write(chunk);
    });
  }
  child.once('close', () => log.end());
  return () => tail.trim();
}

interface Life {
  readonly ended: () => boolean;
  stop(): Promise<void>;
}

function watchLife(child: ChildProcess, tail: () => string, onDeath: EmulatorOptions['onDeath']): Life {
  let stopping = false;
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    const done = (reason: string): void => {
      if (ended) return;
      ended = true;
      if (!stopping) {
        signalGroup(child, 'SIGKILL'); // its workers outlive it otherwise
        onDeath?.(`${reason}; its last output:\n${tail()}`);
      }
      resolve();
    };
    child.once('error', (error) => done(`the emulator could not be started: ${error.message}`));
    child.once('exit', (code, signal) => done(`the emulator ended by itself (${signal ?? `exit code ${code}`})`));
  });
  const killNow = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', killNow);
  const stop = async (): Promise<void> => {
    stopping = true;
    process.off('exit', killNow);
    if (!ended) {
      signalGroup(child, 'SIGTERM');
      await Promise.race([exit, sleep(3000, undefined, { ref: false })]);
    }
    signalGroup(child, 'SIGKILL');
    await exit;
  };
  return { ended: () => ended, stop };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is empty already.
  }
}

async function untilHealthy(url: string, life: Life, tail: () => string): Promise<void> {
  const deadline = Date.now() + healthAfterMs;
  while (Date.now() < deadline) {
    if (life.ended()) throw new Error(`the emulator ended during its start; its last output:\n${tail()}`);
    const healthy = await fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(2000) }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(50);
  }
  throw new Error(`the emulator did not answer within ${healthAfterMs / 1000} s; its last output:\n${tail()}`);
}
