import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tail, unreachable } from './run.mjs';
import { SetupError, step } from './say.mjs';

const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const installPython =
  'install Python 3.10 or newer: "apt install python3 python3-venv" (Debian, Ubuntu), "dnf install python3" (Fedora), ' +
  '"brew install python" (macOS), or https://www.python.org/downloads';

/** Installs the emulator into a virtual environment inside the clone, when it is not there already. */
export const installEmulator = (root) =>
  installInto(root, { what: 'the AWS emulator', list: 'requirements.txt', stampName: '.prunella-setup', options: [] });

/** Installs what only the tests need into the same environment. */
export const installLinter = (root) =>
  installInto(root, {
    what: 'the template linter',
    list: 'requirements-test.txt',
    stampName: '.prunella-setup-test',
    // It brings far more modules than it uses: compiling them all takes longer than fetching them.
    options: ['--no-compile'],
  });

async function installInto(root, part) {
  const requirements = join(root, 'scripts', 'setup', part.list);
  const venv = join(root, '.venv');
  const stamp = join(venv, part.stampName);
  const python = join(venv, 'bin', 'python');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  // A virtual environment names the Python it was made with; when that is gone, `python` is a dead link.
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (!existsSync(python)) await makeVenv(venv);
  await installRequirements(part, python, requirements);
  writeFileSync(stamp, wanted);
}

async function makeVenv(venv) {
  const base = await findPython();
  rmSync(venv, { recursive: true, force: true });
  const { code, output } = await step('making the Python environment', () => run(base, ['-m', 'venv', venv]));
  if (code === 0) return;
  rmSync(venv, { recursive: true, force: true });
  throw new SetupError(`the Python environment could not be made:\n${tail(output)}`, installPython);
}

/** The first Python that is new enough and can make virtual environments. */
async function findPython() {
  const seen = [];
  const preferred = process.env.PYTHON ? [process.env.PYTHON] : [];
  for (const candidate of [...preferred, ...candidates]) {
    const probe = await run(candidate, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    if (probe.code !== 0) continue;
    const version = probe.output.trim();
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < 3 || (major === 3 && minor < 10)) {
      seen.push(`${candidate} is ${version}, too old`);
      continue;
    }
    const modules = await run(candidate, ['-c', 'import venv, ensurepip']);
    if (modules.code === 0) return candidate;
    seen.push(`${candidate} is ${version}, without the venv module`);
  }
  if (seen.some((line) => line.includes('venv'))) {
    throw new SetupError(`Python lacks its venv module (${seen.join('; ')})`, 'install it: "apt install python3-venv" on Debian and Ubuntu, then run the same command again');
  }
  if (seen.length > 0) throw new SetupError(`Python 3.10 or newer is needed (${seen.join('; ')})`, `${installPython}; or name one with PYTHON=/path/to/python3`);
  throw new SetupError('no Python was found on the PATH; the local AWS account needs it', `${installPython}; or name one with PYTHON=/path/to/python3`);
}

async function installRequirements({ what, options }, python, requirements) {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...options, '--requirement', requirements];
  const { code, output } = await step(`installing ${what}`, () => run(python, args));
  if (code === 0) return;
  if (unreachable(output)) {
    throw new SetupError(
      `the Python package index cannot be reached:\n${tail(output)}`,
      'check the network, and the proxy or mirror that "pip config list" shows; then run the same command again',
    );
  }
  throw new SetupError(`pip failed:\n${tail(output)}`, 'delete .venv and run the same command again');
}
