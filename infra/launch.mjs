/**
 * What `cdk` runs. The CDK command line starts under any Node; the app itself is TypeScript that Node 24 runs directly,
 * so this file, plain JavaScript, finds that Node in node_modules, has the plug-in catalogues written, and starts the app.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

if (!existsSync(node)) {
  console.error(
    'Prunella is not set up in this clone: run `npm ci` (it brings the Node 24 that the app needs), then again.',
  );
  process.exit(1);
}
for (const script of [join('scripts', 'catalogue.ts'), join('infra', 'app.ts')]) {
  const { status, error } = spawnSync(node, [join(root, script)], { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${script} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
