import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/**
 * Runs cost.ts in a process of its own, whose memory holds nothing else, from a bundle, as functions are deployed: reading
 * TypeScript takes Node more memory than the diagnosis.
 */
export async function measureCost(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prunella-cost-'));
  try {
    const outfile = join(folder, 'cost.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'cost.ts')],
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
    return stdout.trimEnd();
  } finally {
    await rm(folder, { recursive: true });
  }
}
