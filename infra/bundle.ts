import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, type BuildOptions } from 'esbuild';

/** Where a function's handler is: its folder under functions/, and its file when it is not `handler.ts`. */
export interface HandlerFile {
  readonly folder: string;
  readonly file?: string;
}

const root = join(import.meta.dirname, '..');
const pathOf = ({ folder, file = 'handler.ts' }: HandlerFile) => join('functions', folder, file);

/**
 * How every function is bundled. The SDK is bundled too: the runtime's own is older, and loads slower. What is left of
 * CommonJS in the dependencies asks for Node's modules by `require`, which a module has only if it makes it.
 */
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  keepNames: true, // errors are told apart by name
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  sourcemap: 'linked',
  sourcesContent: false,
  outExtension: { '.js': '.mjs' },
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
  banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
} as const satisfies BuildOptions;

/**
 * Bundles all handlers in one run of esbuild, which takes a second or two where one run a function takes ten times
 * that, and returns the code of each by its key.
 * @throws Error naming every handler file that is missing
 */
export function bundle<Key extends string>(handlers: Readonly<Record<Key, HandlerFile>>): Record<Key, Code> {
  const entries = Object.entries(handlers) as [Key, HandlerFile][];
  const missing = entries.map(([, handler]) => pathOf(handler)).filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`cannot bundle the functions, no such handler: ${missing.join(', ')}`);
  const out = mkdtempSync(join(tmpdir(), 'prunella-bundle-'));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  const entryPoints = entries.map(([key, handler]) => ({ in: pathOf(handler), out: join(key, 'handler') }));
  buildSync({ ...OPTIONS, entryPoints, outdir: out });
  const made = new Set(readdirSync(out));
  return Object.fromEntries(
    entries.map(([key]) => {
      if (!made.has(key)) throw new Error(`esbuild made nothing of ${pathOf(handlers[key])}`);
      return [key, Code.fromAsset(join(out, key))];
    }),
  ) as unknown as Record<Key, Code>;
}
