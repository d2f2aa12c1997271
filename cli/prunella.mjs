#!/usr/bin/env node
// Starts the command line with Node 24, whatever Node started this: plain JavaScript, so that any Node from 18 on can.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', '.bin', 'node');
if (!existsSync(node)) {
  console.error('prunella: its dependencies are not installed: run `npm run setup` in its folder first');
  process.exit(1);
}
const { status, error } = spawnSync(node, [join(root, 'cli', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
if (error) console.error(`prunella: ${node} could not be started: ${error.message}`);
process.exit(status ?? 1);
