/** `npm run bench -- NAME [options]`: runs the benchmark in the folder of that name. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../cli/command.ts';

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
    const { code = '', path, message } = error as NodeJS.ErrnoException;
    const help = `\`npm run bench -- ${name} --help\``;
    if (error instanceof UsageError) console.error(`${name}: ${message}`);
    else if (code === 'ENOENT') console.error(`${name}: there is no ${path}. ${help} says where the set comes from.`);
    else if (String(code).startsWith('ERR_PARSE_ARGS'))
      console.error(`${name}: ${message.split('. ')[0]}; see ${help}`);
    else throw error;
    process.exitCode = code === 'ENOENT' ? 1 : 2;
  });
} else if (['--help', '-h', ''].includes(name)) {
  console.log(`Usage: npm run bench -- NAME [options], NAME one of ${names.join(', ')}; NAME --help tells its options`);
  process.exitCode = name === '' ? 2 : 0;
} else {
  console.error(`npm run bench: supply a benchmark (${names.join(', ')}), got ${name}`);
  process.exitCode = 2;
}
