/**
 * Writes the catalogue of each plug-in folder: one generated module beside it that imports every plug-in. Adding a
 * plug-in is adding its file; nobody edits an index. Run before typecheck, test and synth.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

interface PluginFolder {
  readonly folder: string;
  /** The name every plug-in file exports. */
  readonly exported: string;
  /** What the generated module exports. */
  readonly as: string;
}

const FOLDERS: readonly PluginFolder[] = [
  { folder: 'functions/recover/actions', exported: 'action', as: 'actions' },
  { folder: 'functions/detect/detectors', exported: 'detector', as: 'detectors' },
  { folder: 'functions/detect/log-detectors', exported: 'detector', as: 'logDetectors' },
  { folder: 'functions/detect/service-detectors', exported: 'detector', as: 'serviceDetectors' },
  { folder: 'functions/diagnose/rules', exported: 'rule', as: 'rules' },
  { folder: 'simulator/world/faults', exported: 'fault', as: 'faults' },
  { folder: 'simulator/world/confounders', exported: 'confounder', as: 'confounders' },
];

const root = join(import.meta.dirname, '..');

function generate({ folder, exported, as }: PluginFolder): void {
  mkdirSync(join(root, folder), { recursive: true });
  const names = readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
  const local = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const text = [
    `// Made by scripts/catalogue.ts from ${folder}: do not edit.`,
    ...names.map((name) => `import { ${exported} as ${local(name)} } from './${basename(folder)}/${name}.ts';`),
    '',
    `export const ${as} = {`,
    ...names.map((name) => `  '${name}': ${local(name)},`),
    '} as const;',
    '',
  ].join('\n');
  const target = join(root, dirname(folder), `${as}.generated.ts`);
  if (readIfThere(target) !== text) writeFileSync(target, text);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

for (const folder of FOLDERS) generate(folder);
