import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { withTable } from '../../scripts/actions-table.ts';

const readme = readFileSync('README.md', 'utf8');

it('lists every action as it declares itself (node scripts/actions-table.ts writes the table)', () => {
  expect(withTable(readme)).toBe(readme);
});

it.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/runbook.md'])(
  '%s links to files that exist',
  (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');

    const missing = links.filter((link) => !existsSync(join(dirname(page), link)));

    expect(missing).toEqual([]);
  },
);
