import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/run.ts';
import { Settings } from '../../infra/settings.ts';
import { DEFAULT_POLICY } from '../../layers/core/policy.ts';
import { ProbePolicy } from '../../layers/core/probe.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { withTable } from '../../scripts/actions-table.ts';

const readme = readFileSync('README.md', 'utf8');

it('lists every action as it declares itself (node scripts/actions-table.ts writes the table)', () => {
  expect(withTable(readme)).toBe(readme);
});

const PAGES = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')];

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );

it.each(PAGES)('%s links to files that exist, and to headings in them', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)];

  const missing = links.filter(([, file = '', anchor = '']) => {
    const path = file === '' ? page : join(dirname(page), file);
    return !existsSync(path) || (anchor !== '' && !anchorsOf(path).includes(anchor));
  });

  expect(missing.map(([link]) => link)).toEqual([]);
});

it.each(PAGES)('%s names commands that there are', (page) => {
  const text = readFileSync(page, 'utf8');
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const missing = [
    ...[...text.matchAll(/npx prunella ([a-z]+)/g)].filter(([, name = '']) => !(name in COMMANDS)),
    ...[...text.matchAll(/npm run (?:--silent )?([a-z]+)/g)].filter(([, name = '']) => !(name in scripts)),
    ...[...text.matchAll(/npm run bench -- ([a-z-]+)/g)].filter(
      ([, name = '']) => !existsSync(join('bench', name, `${name}.ts`)),
    ),
  ];

  expect(missing.map(([command]) => command)).toEqual([]);
});

describe('the page about deploying', () => {
  const page = readFileSync('docs/deploying.md', 'utf8');
  const { notify, write, runbook } = Settings.parse({});
  const rows = {
    ...Object.fromEntries(Object.keys(Settings.shape).map((name) => [name, undefined])),
    ...DEFAULT_POLICY,
    ...DEFAULT_WATCH,
    ...ProbePolicy.parse({}),
    write,
    runbook,
  };

  it.each(Object.entries(rows))('has a row for %s, with its default', (name, byDefault) => {
    const row = new RegExp(`^\\| \`${name}\` \\| (.+?) \\|`, 'm').exec(page)?.[1];

    expect(row).toBeDefined();
    if (byDefault !== undefined)
      expect(row?.replaceAll('`', '')).toBe(String(byDefault instanceof Array ? '[]' : byDefault));
  });

  it('says of every command what it needs', () => {
    const table = page.slice(page.indexOf('| to | needs |'));

    expect(Object.keys(COMMANDS).filter((name) => !new RegExp(`\`${name}( |\`)`).test(table))).toEqual([]);
  });

  it('tells that nobody is told by default', () => {
    expect(notify).toEqual([]);
  });
});
