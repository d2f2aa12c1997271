// Runs a script of this repository with everything in place: `node scripts/with-setup.mjs <script.ts> [args]`; without a
// script it only puts everything in place.
// Needs nothing but Node.js 18; does the set-up that is missing, then runs the script with Node.js 24.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode24, checkPlatform } from './setup/node24.mjs';
import { installPackages } from './setup/packages.mjs';
import { installEmulator, installLinter } from './setup/python.mjs';
import { SetupError } from './setup/say.mjs';

const TESTS = 'scripts/test.ts';
const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main([script, ...args]) {
  checkPlatform();
  await installPackages(root);
  const node = await findNode24(root);
  await installEmulator(root);
  if (script === TESTS) await installLinter(root);
  if (script !== undefined) return runScript(node, join(root, script), args);
  process.stderr.write('everything is in place\n');
  return 0;
}

/**
 * In its own process group, so that Ctrl-C reaches it once, from here. When this process vanishes, the channel to it
 * closes, and the script can end what it started.
 */
function runScript(node, script, args) {
  const PATH = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(node, [script, ...args], {
    cwd: process.cwd(),
    env: { ...process.env, PATH },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forwardOnce(child, signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** A terminal and npm may both pass the same Ctrl-C on; a second one by hand counts again. */
function forwardOnce(child, signal) {
  let last = 0;
  return () => {
    const now = Date.now();
    if (now - last > 1000) child.kill(signal);
    last = now;
  };
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(error instanceof SetupError ? `\n${error.message}\n` : `${error.stack}\n`);
    process.exit(1);
  },
);
