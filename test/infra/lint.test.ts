import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesise } from './synth.ts';

const root = join(import.meta.dirname, '..', '..');
const linter = join(root, '.venv', 'bin', 'cfn-lint');

/** Findings that are not ours to mend, with the reason. */
const IGNORED: Readonly<Record<string, string>> = {
  W3005: 'the CDK has a function depend on its role twice, which changes nothing',
};
/** In the shop of the local account only. */
const IGNORED_IN_SHOP: Readonly<Record<string, string>> = {
  E3046: 'awslogs-format is an option of the log driver; the linter’s schema lacks it',
};

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path: readonly unknown[] };
}

let folder: string;
let files: Readonly<Record<'all' | 'observing' | 'broken' | 'shop' | 'app', string>>;
let findings: readonly Finding[];

/** One run over all templates: the linter takes seconds to start. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'prunella-lint-'));
  const all = synthesise({
    passRoles: ['arn:aws:iam::111122223333:role/app-task'],
    'prunella:permissionsBoundary': 'company-boundary',
    'prunella:languageModel': 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  });
  files = {
    all: written('all.json', all.template),
    observing: written('observing.json', synthesise({ 'prunella:write': 'false' }).template),
    broken: written('broken.json', BROKEN),
    shop: templateOf('sandbox/shop/app.ts'),
    app: templateOf('examples/own-app/app.ts'),
  };
  findings = lint(Object.values(files));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, template: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(template));
  return file;
}

/** With a property that AWS does not have, and a number that it refuses. */
const BROKEN = {
  Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 50_000, Colour: 'violet' } } },
};

/** The template that a CDK app of this repository makes, as it would be deployed. */
function templateOf(app: string): string {
  const out = mkdtempSync(join(folder, 'app-'));
  const env = { ...process.env, CDK_OUTDIR: out };
  const { status, stderr } = spawnSync(process.execPath, [app], { cwd: root, env, encoding: 'utf8' });
  const [template] = readdirSync(out).filter((name) => name.endsWith('.template.json'));
  if (status !== 0 || template === undefined) throw new Error(`${app} does not synthesise: ${stderr}`);
  return join(out, template);
}

function lint(templates: readonly string[]): Finding[] {
  if (!existsSync(linter)) throw new Error('cfn-lint is not installed; run "npm test" once to set it up');
  const python = join(root, '.venv', 'bin', 'python');
  const args = [linter, '--format', 'json', '--regions', 'us-east-1', '--', ...templates];
  const { stdout, stderr, status } = spawnSync(python, args, { encoding: 'utf8' });
  if (stderr !== '' || status === null) throw new Error(`cfn-lint did not run: ${stderr}`);
  return JSON.parse(stdout || '[]') as Finding[];
}

const found = (file: string, ignored: Readonly<Record<string, string>> = IGNORED): string[] =>
  findings
    .filter(({ Filename, Rule }) => Filename === file && !(Rule.Id in ignored))
    .map(({ Rule, Message, Location }) => `${Rule.Id} ${Location.Path.join('/')}: ${Message}`);

describe('cfn-lint', () => {
  it('finds nothing in Prunella’s template, with all that can be set at deploy', () => {
    expect(found(files.all)).toEqual([]);
  });

  it('finds nothing in the template of a deployment that may not write', () => {
    expect(found(files.observing)).toEqual([]);
  });

  it('finds nothing in the templates of the sample applications', () => {
    expect(found(files.shop, { ...IGNORED, ...IGNORED_IN_SHOP })).toEqual([]);
    expect(found(files.app)).toEqual([]);
  });

  it('finds what is broken', () => {
    expect(found(files.broken).join('\n')).toMatch(/Colour[^]*50000|50000[^]*Colour/);
  });

  it('is not told to overlook what it would not find', () => {
    const codes = new Set(findings.map(({ Rule }) => Rule.Id));

    expect([...codes]).toEqual(expect.arrayContaining(Object.keys({ ...IGNORED, ...IGNORED_IN_SHOP })));
  });
});
