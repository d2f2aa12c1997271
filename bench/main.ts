/** `npm run bench -- NAME… [options]`: runs the benchmarks in the folders of these names, one after the other. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/command.ts';
import { mustBeWritable, writeJson } from '../cli/output-files.ts';

interface Benchmark {
  run(args: readonly string[]): Promise<void>;
}

const fileOf = (name: string): string => join(import.meta.dirname, name, `${name}.ts`);
const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(fileOf(entry.name)))
  .map(({ name }) => name);

async function main(words: readonly string[]): Promise<void> {
  const end = words.findIndex((word) => !names.includes(word));
  const chosen = end < 0 ? words : words.slice(0, end);
  const options = words.slice(chosen.length);
  const [first = ''] = options;
  if (chosen.length === 0 && ['--help', '-h', ''].includes(first)) {
    console.log(`Usage: npm run bench -- NAME… [options], NAME of ${names.join(', ')}; NAME --help tells its options`);
    process.exitCode = first === '' ? 2 : 0;
  } else if (chosen.length === 0 || (first !== '' && !first.startsWith('-'))) {
    console.error(`npm run bench: supply benchmarks (${names.join(', ')}) and then options, got ${first}`);
    process.exitCode = 2;
  } else if (chosen.length === 1) await runOne(chosen[0]!, options);
  else await runAll(chosen, options);
}

/** Each writes a file of its own results: one file with all of them is what was asked for. */
async function runAll(chosen: readonly string[], options: readonly string[]): Promise<void> {
  const { json } = parseArgs({ args: [...options], options: { json: { type: 'string' } }, strict: false }).values;
  if (typeof json === 'string') mustBeWritable({ json });
  const results: Record<string, unknown> = {};
  for (const name of chosen) {
    if (typeof json === 'string') rmSync(json, { force: true });
    await runOne(name, options);
    // One that was refused has written nothing, or an empty file: that it can be written is tried first.
    const kept = typeof json === 'string' && existsSync(json) ? readFileSync(json, 'utf8') : '';
    if (kept !== '') Object.assign(results, JSON.parse(kept));
  }
  if (typeof json === 'string') writeJson(json, results);
}

/** What its user can put right is said in a line. */
async function runOne(name: string, options: readonly string[]): Promise<void> {
  const { run } = (await import(pathToFileURL(fileOf(name)).href)) as Benchmark;
  await run(options).catch((error: unknown) => {
    const { code = '', path, message } = error as NodeJS.ErrnoException;
    const help = `\`npm run bench -- ${name} --help\``;
    if (error instanceof UsageError) console.error(`${name}: ${message}`);
    else if (code === 'ENOENT') console.error(`${name}: there is no ${path}. ${help} says where the set comes from.`);
    else if (String(code).startsWith('ERR_PARSE_ARGS'))
      console.error(`${name}: ${message.split('. ')[0]}; see ${help}`);
    else throw error;
    process.exitCode = code === 'ENOENT' ? 1 : 2;
  });
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  console.error(`npm run bench: ${error.message}`);
  process.exitCode = 2;
});
