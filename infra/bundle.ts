import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, type BuildOptions } from 'esbuild';

/** Where a function's handler is: its folder under functions/, and its file when it is not `handler.ts`. */
export interface HandlerFile {
  readonly folder: string;
  readonly file?: string;
  /** True where it loads a part of itself only when that is needed (`import()`): such parts become files beside it. */
  readonly lazy?: boolean;
}

const root = join(import.meta.dirname, '..');
const pathOf = ({ folder, file = 'handler.ts' }: HandlerFile) => join('functions', folder, file);

/**
 * Where the SDK looks for credentials that a function never has: a developer's profile, single sign-on, a web identity,
 * a container, an instance. It imports them only after the environment had none, and they are a third of a small bundle.
 */
const NOT_IN_LAMBDA = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** How every function is bundled. The SDK is bundled too: the runtime's own is older, and loads slower. */
const OPTIONS: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  external: NOT_IN_LAMBDA,
  sourcemap: 'linked',
  sourcesContent: false,
  outExtension: { '.js': '.mjs' },
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
};

/**
 * Bundles all handlers into `out` in one run of esbuild, which takes seconds where a run for each takes ten times that; a
 * lazy one in a run of its own, so that it shares its files with no other. A bundle is `<key>/handler.mjs` with its source map.
 * @throws Error naming every handler file that is missing
 */
export function bundleInto(out: string, handlers: Readonly<Record<string, HandlerFile>>): void {
  const missing = Object.values(handlers)
    .map(pathOf)
    .filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`cannot bundle the functions, no such handler: ${missing.join(', ')}`);
  const all = Object.entries(handlers).map(([key, handler]) => ({
    lazy: handler.lazy === true,
    key,
    entry: { in: pathOf(handler), out: 'handler' },
  }));
  const whole = all.filter(({ lazy }) => !lazy);
  const entryPoints = whole.map(({ key, entry }) => ({ ...entry, out: join(key, entry.out) }));
  if (entryPoints.length > 0) buildSync({ ...OPTIONS, entryPoints, outdir: out });
  for (const { key, entry } of all.filter(({ lazy }) => lazy))
    buildSync({ ...OPTIONS, entryPoints: [entry], outdir: join(out, key), splitting: true });
}

/** The code of each function, bundled now. */
export function bundled<Key extends string>(handlers: Readonly<Record<Key, HandlerFile>>): Record<Key, Code> {
  const out = mkdtempSync(join(tmpdir(), 'prunella-bundle-'));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  bundleInto(out, handlers);
  const keys = Object.keys(handlers) as Key[];
  return Object.fromEntries(keys.map((key) => [key, Code.fromAsset(join(out, key))])) as unknown as Record<Key, Code>;
}
