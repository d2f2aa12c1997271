import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  /** What it printed, on both streams. */
  readonly text: string;
}

/** A terminal in the clone, with an account folder of its own, so that an account that is up already is left alone. */
export class Terminal {
  /** Where the account keeps its files. */
  readonly folder: string;
  #env: NodeJS.ProcessEnv;
  /** Everything that was typed and printed, for when a test fails. */
  readonly transcript: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_') && !name.startsWith('npm_'));
    this.#env = {
      ...Object.fromEntries(own),
      PRUNELLA_SANDBOX: folder,
      INIT_CWD: ROOT,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  static async open(): Promise<Terminal> {
    return new Terminal(await mkdtemp(join(tmpdir(), 'prunella-terminal-')));
  }

  /** `npm run sandbox -- …` */
  sandbox = (...args: string[]): Promise<Ran> => this.#run('npm', ['run', '--silent', 'sandbox', '--', ...args]);
  /** The same without npm and the set-up, which take a second. */
  account = (...args: string[]): Promise<Ran> => this.#run(process.execPath, ['sandbox/cli.ts', ...args]);
  /** `npx prunella …` */
  prunella = (...args: string[]): Promise<Ran> => this.#run(process.execPath, ['cli/prunella.mjs', ...args]);
  /** `npx cdk …` */
  cdk = (...args: string[]): Promise<Ran> => this.#run('node_modules/.bin/cdk', args);

  /** What `eval "$(npm run --silent sandbox -- env)"` does to a shell. */
  async enterAccount(): Promise<void> {
    const { text } = await this.sandbox('env');
    const exported = [...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]);
    this.#env = { ...this.#env, ...(Object.fromEntries(exported) as Record<string, string>) };
  }

  async close(): Promise<void> {
    await this.account('down');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run(command: string, args: readonly string[]): Promise<Ran> {
    const PATH = `${dirname(process.execPath)}:${this.#env['PATH'] ?? ''}`;
    const child = spawn(command, args, { cwd: ROOT, env: { ...this.#env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('close', resolve),
    );
    this.transcript.push(`$ ${command} ${args.join(' ')}\n${text.trimEnd()}\n(${code})`);
    return { code, text };
  }
}
