import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { Warden } from './warden.ts';

/** How a container is run on this machine. */
export interface Launch {
  /** Program and arguments; `node` means the Node that runs the sandbox. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (text: string) => void;
}

/** How a container's process ended: 137 is SIGKILL, 143 SIGTERM, as Docker counts. */
export interface Exit {
  readonly exitCode: number;
}

/** Longest line that reaches the logs: CloudWatch's limit of an event. */
const LONGEST_LINE = 256 * 1024;

/** How systems say that a group has no living member: Linux and macOS. */
const GONE = new Set(['ESRCH', 'EPERM']);

/**
 * A container's process, leader of a group of its own. Resolves `exited` once; whatever of its group is left then is killed,
 * as the other processes of a container end with its first.
 */
export class ContainerProcess {
  readonly pid: number;
  /** How it was started; its environment is complete. */
  readonly launch: Launch;
  readonly exited: Promise<Exit>;
  #ended = false;

  private constructor(child: ChildProcess, pid: number, warden: Warden, launch: Launch) {
    this.pid = pid;
    this.launch = launch;
    warden.watch(pid);
    for (const stream of [child.stdout, child.stderr]) if (stream) splitLines(stream, launch.onLine);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.signal('SIGKILL');
        this.#ended = true;
        warden.forget(pid);
        resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0) });
      });
    });
  }

  /** @throws Error with the system's reason when the program cannot be started. */
  static async start(launch: Launch, warden: Warden): Promise<ContainerProcess> {
    const [program = '', ...args] = launch.command;
    const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? '/usr/bin:/bin'}`, ...launch.env };
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: launch.cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) {
      const reason = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw new Error(`${launch.command.join(' ')} in ${launch.cwd}: ${reason.message}`, { cause: reason });
    }
    child.on('error', () => undefined);
    return new ContainerProcess(child, child.pid, warden, { ...launch, env });
  }

  get running(): boolean {
    return !this.#ended;
  }

  /** Sends a signal to the whole group; `SIGTERM` to the first process only, as Docker does. */
  signal(name: NodeJS.Signals): void {
    if (this.#ended) return;
    try {
      process.kill(name === 'SIGTERM' ? this.pid : -this.pid, name);
    } catch (error) {
      if (!GONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  /** Asks it to end, and kills it when it has not after `graceMs`. */
  async stop(graceMs: number): Promise<Exit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }
}

function splitLines(stream: NodeJS.ReadableStream, onLine: (text: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.slice(0, LONGEST_LINE));
    if (rest.length > LONGEST_LINE) {
      onLine(rest.slice(0, LONGEST_LINE));
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest) onLine(rest);
  });
}
