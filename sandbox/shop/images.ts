import { buildSync } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from './copy.ts';
import { SERVICES } from './copy.ts';

const CODE = join(import.meta.dirname, 'code');
/** Where the built images lie, a folder per service and tag: what a registry would hold. */
const REGISTRY = join(import.meta.dirname, '../../.sandbox/images');
const FILE = 'main.cjs';

/** The tags of a service's image, from the files in its folder. */
export function tagsOf(service: Service): readonly string[] {
  return readdirSync(join(CODE, service))
    .map((file) => /^(\d+\.\d+\.\d+)\.ts$/.exec(file)?.[1])
    .filter((tag) => tag !== undefined)
    .sort();
}

/** Builds every image, each from its own source: a bad revision differs from a good one in its code alone. */
export function buildImages(): void {
  const images = SERVICES.flatMap((service) => tagsOf(service).map((tag) => ({ service, tag })));
  buildSync({
    entryPoints: images.map(({ service, tag }) => ({
      in: join(CODE, service, `${tag}.ts`),
      out: `${service}/${tag}/main`,
    })),
    outdir: REGISTRY,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
}

export interface Image {
  /** The name in the task definition, e.g. `shop/orders:1.0.0`. */
  readonly image: string;
  /** How to run it on this machine, for there is no container runtime. */
  readonly dockerLabels: Readonly<Record<string, string>>;
}

/** Resolves a tag as a registry would. @throws Error when there is no such tag */
export function pull(service: Service, tag: string): Image {
  if (!existsSync(join(CODE, service, `${tag}.ts`))) {
    throw new Error(`there is no image shop/${service}:${tag}; there are ${tagsOf(service).join(', ')}`);
  }
  return {
    image: `shop/${service}:${tag}`,
    dockerLabels: { 'prunella.local.command': `node ${FILE}`, 'prunella.local.cwd': join(REGISTRY, service, tag) },
  };
}
