/** `npm run bench -- NAME [options]`: runs the benchmark in the folder of that name. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Benchmark {
  run(args: readonly string[]): Promise<void>;
}

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => existsSync(join(import.meta.dirname, name, `${name}.ts`)));

const [name = '', ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const { run } = (await import(pathToFileURL(join(import.meta.dirname, name, `${name}.ts`)).href)) as Benchmark;
  await run(args).catch((error: unknown) => {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    console.error(`${name}: there is no ${path}. \`npm run bench -- ${name} --help\` says where the set comes from.`);
    process.exitCode = 1;
  });
} else {
  console.error(`npm run bench: supply a benchmark (${names.join(', ')}), got ${name === '' ? 'none' : name}`);
  process.exitCode = 2;
}
