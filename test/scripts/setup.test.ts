import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
let clone: string;
let bin: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'prunella-setup-'));
  bin = join(clone, 'bin');
  await mkdir(bin);
  await cp(join(root, 'scripts', 'setup'), join(clone, 'scripts', 'setup'), { recursive: true });
  await cp(join(root, 'scripts', 'with-setup.mjs'), join(clone, 'scripts', 'with-setup.mjs'));
  await cp(join(root, 'package-lock.json'), join(clone, 'package-lock.json'));
  await writeFile(
    join(clone, 'script.ts'),
    'process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exit(7);',
  );
});

afterEach(() => rm(clone, { recursive: true, force: true }));

/** A program that the set-up will find on its PATH. */
async function program(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

/** The packages, as an earlier set-up left them. */
async function packagesInstalled(): Promise<void> {
  await mkdir(join(clone, 'node_modules'));
  await cp(join(root, 'node_modules', '.package-lock.json'), join(clone, 'node_modules', '.package-lock.json'));
  await mkdir(join(clone, 'node_modules', '.bin'));
  await symlink(process.execPath, join(clone, 'node_modules', '.bin', 'node'));
}

function setUp(...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: `${bin}:/nowhere`, HOME: clone };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(clone, 'scripts', 'with-setup.mjs'), ...args],
      { env, cwd: clone },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
      },
    );
  });
}

describe('the set-up', () => {
  it('says where to get Python when there is none', async () => {
    await packagesInstalled();

    const { code, said } = await setUp('script.ts');

    expect(code).toBe(1);
    expect(said).toMatch(/no Python was found[^]*To fix it: install Python 3\.10 or newer/);
  });

  it('says which Python is too old', async () => {
    await packagesInstalled();
    await program('python3', 'echo 3.8');

    const { said } = await setUp('script.ts');

    expect(said).toContain('Python 3.10 or newer is needed (python3 is 3.8, too old)');
  });

  it('says how to get the venv module where it is missing', async () => {
    await packagesInstalled();
    await program('python3', 'case "$2" in *venv*) exit 1;; *) echo 3.12;; esac');

    const { said } = await setUp('script.ts');

    expect(said).toMatch(/lacks its venv module \(python3 is 3\.12[^]*apt install python3-venv/);
  });

  it('says that the npm registry cannot be reached', async () => {
    await program('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');

    const { code, said } = await setUp('script.ts');

    expect(code).toBe(1);
    expect(said).toMatch(/the npm registry cannot be reached[^]*ENOTFOUND[^]*To fix it: check the network/);
  });

  it('says that the Python package index cannot be reached', async () => {
    await packagesInstalled();
    await program('python3', 'echo 3.12');
    await mkdir(join(clone, '.venv', 'bin'), { recursive: true });
    await writeFile(join(clone, '.venv', 'bin', 'python'), '#!/bin/sh\necho "NewConnectionError" >&2; exit 1\n', {
      mode: 0o755,
    });

    const { said } = await setUp('script.ts');

    expect(said).toMatch(/the Python package index cannot be reached/);
  });

  it('installs the emulator once, runs the script with its arguments, and ends as it ends', async () => {
    await packagesInstalled();
    const pip = join(clone, '.venv', 'bin', 'python');
    await mkdir(dirname(pip), { recursive: true });
    await writeFile(pip, `#!/bin/sh\necho called >> ${join(clone, 'pip.log')}\n`, { mode: 0o755 });

    const first = await setUp('script.ts', 'a', '--b');
    const second = await setUp('script.ts');

    expect(first).toEqual({ code: 7, said: '["a","--b"]' });
    expect(second.code).toBe(7);
    expect(await readFile(join(clone, 'pip.log'), 'utf8')).toBe('called\n');
  });

  it('installs what only the tests need when they are to run, once', async () => {
    await packagesInstalled();
    const pip = join(clone, '.venv', 'bin', 'python');
    await mkdir(dirname(pip), { recursive: true });
    await writeFile(pip, `#!/bin/sh\necho "$*" >> ${join(clone, 'pip.log')}\n`, { mode: 0o755 });
    await writeFile(join(clone, 'scripts', 'test.ts'), 'process.exit(0);');

    await setUp('scripts/test.ts');
    await setUp('scripts/test.ts');

    const installed = (await readFile(join(clone, 'pip.log'), 'utf8')).trim().split('\n');
    expect(installed.map((line) => line.split('/').at(-1))).toEqual(['requirements.txt', 'requirements-test.txt']);
  });
});
