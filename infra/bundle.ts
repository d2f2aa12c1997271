import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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
 * Bundles all handlers into `out` in one run of esbuild, which takes seconds where a run for each takes ten times that.
 * A bundle is `<key>/handler.mjs` with its source map.
 * @throws Error naming every handler file that is missing
 */
export function bundleInto(out: string, handlers: Readonly<Record<string, HandlerFile>>): void {
  const missing = Object.values(handlers)
    .map(pathOf)
    .filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`cannot bundle the functions, no such handler: ${missing.join(', ')}`);
  const entryPoints = Object.entries(handlers).map(([key, handler]) => ({
    in: pathOf(handler),
    out: join(key, 'handler'),
  }));
  buildSync({ ...OPTIONS, entryPoints, outdir: out });
}

/** The code of each function, bundled now. */
export function bundled<Key extends string>(handlers: Readonly<Record<Key, HandlerFile>>): Record<Key, Code> {
  const out = mkdtempSync(join(tmpdir(), 'prunella-bundle-'));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  bundleInto(out, handlers);
  const keys = Object.keys(handlers) as Key[];
  return Object.fromEntries(keys.map((key) => [key, Code.fromAsset(join(out, key))])) as unknown as Record<Key, Code>;
}
