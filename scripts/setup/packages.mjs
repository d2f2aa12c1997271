import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tail, unreachable } from './run.mjs';
import { SetupError, step } from './say.mjs';

/** Installs the npm packages by the lock file, when they are not installed already. */
export async function installPackages(root) {
  const stamp = join(root, 'node_modules', '.prunella-setup');
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (!installedMatches(root, JSON.parse(lock.toString()))) await install(root);
  writeFileSync(stamp, wanted);
}

/** npm writes down what it installed: someone who ran `npm install` by hand needs no second installation. */
function installedMatches(root, lock) {
  const file = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  const installed = JSON.parse(readFileSync(file, 'utf8')).packages;
  return Object.entries(lock.packages).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const present = installed[path];
    return present === undefined ? optional === true : present.version === version;
  });
}

async function install(root) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--include=optional', '--include=dev', '--no-audit', '--no-fund'];
  const { code, output } = await step('installing the npm packages', () => run(npm, args, { cwd: root }));
  if (code === 0) return;
  if (code === -1) throw new SetupError(`npm could not be started: ${output}`, 'install Node.js with npm from https://nodejs.org');
  if (unreachable(output)) {
    throw new SetupError(
      `the npm registry cannot be reached:\n${tail(output)}`,
      'check the network, and the proxy or mirror that "npm config get registry" shows; then run the same command again',
    );
  }
  throw new SetupError(`npm ci failed:\n${tail(output)}`, 'delete node_modules and run the same command again');
}
