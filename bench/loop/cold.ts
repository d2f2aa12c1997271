import { readdir, readFile } from 'node:fs/promises';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** Ends the processes that the emulator keeps warm for Lambda functions: the next invocation of each starts a new one. */
export async function endWorkers({ stateDir }: Pick<Sandbox, 'stateDir'>): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(stateDir) && command.includes('_worker.js')) process.kill(Number(pid), 'SIGKILL');
  }
}
