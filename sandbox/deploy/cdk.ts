import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announceFolder } from './app-folders.ts';

/** Outputs of the deployed stacks: stack name → output name → value. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface CdkOptions {
  /** The clone's root, where the CDK's command is installed. */
  readonly root: string;
  /** Where the CDK writes its assembly and outputs. */
  readonly workDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

export interface DeployRequest {
  /** What `cdk --app` is given: a command, or a folder with an assembly. */
  readonly app: string;
  /** Names of stacks; default all. */
  readonly stacks?: readonly string[];
  /** Context values, as `cdk -c key=value`. */
  readonly context?: Readonly<Record<string, string>>;
  /** Working directory of the app's command; default the clone's root. */
  readonly cwd?: string;
  /** The assembly's folder, when several deploys run side by side. */
  readonly assembly?: string;
}

/** Runs the real `cdk bootstrap`, where no cdk.json names an app. */
export async function bootstrap(options: CdkOptions, accountId: string, region: string): Promise<void> {
  await runCdk(options, options.workDir, ['bootstrap', `aws://${accountId}/${region}`, '--ci', '--no-notices']);
}

/**
 * Runs the real `cdk deploy`.
 * @throws when the CDK fails, with its last output
 */
export async function deployApp(options: CdkOptions, request: DeployRequest): Promise<StackOutputs> {
  const assembly = request.assembly ?? join(options.workDir, 'cdk.out');
  const outputs = `${assembly}.outputs.json`;
  const stacks = request.stacks ?? ['--all'];
  const context = Object.entries(request.context ?? {}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const fixed = [
    '--method=direct',
    '--require-approval',
    'never',
    '--ci',
    '--no-notices',
    '--concurrency',
    '4',
    '--progress',
    'events',
  ];
  const cwd = request.cwd ?? options.root;
  const env = { ...options.env, ...(await announceFolder(options.workDir, cwd)) };
  await runCdk({ ...options, env }, cwd, [
    'deploy',
    ...stacks,
    '--app',
    request.app,
    '--output',
    assembly,
    '--outputs-file',
    outputs,
    ...fixed,
    ...context,
  ]);
  return JSON.parse(await readFile(outputs, 'utf8').catch(() => '{}')) as StackOutputs;
}

const running = new Set<number>();
process.once('exit', stopCdk);

/** Ends every CDK command that is still running, with the app's command that it started. */
export function stopCdk(): void {
  for (const pid of running) killGroup(pid);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function runCdk({ root, env, log }: CdkOptions, cwd: string, args: readonly string[]): Promise<void> {
  const child = spawn(
    join(root, 'node_modules', '.bin', 'node'),
    [join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args],
    {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  if (child.pid !== undefined) running.add(child.pid);
  let tail: string[] = [];
  let line = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      const lines = (line + chunk.toString()).split('\n');
      line = lines.pop() ?? '';
      for (const each of lines) if (each.trim() !== '') log(`cdk: ${each}`);
      tail = [...tail, ...lines.filter(isReadable)].slice(-60);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (child.pid !== undefined) running.delete(child.pid);
  if (code !== 0)
    throw new Error(
      `cdk ${args[0]} failed (exit code ${code ?? 'none'}); its last output:\n${[...tail, line].join('\n').trim()}`,
    );
}

/** Where Node shows the line that threw, a bundled library's is its whole source. */
const isReadable = (line: string): boolean => line.length < 1_000;
