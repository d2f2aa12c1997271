/** docs/own-app.md shows the example as it is; that it is healed is in first-15-minutes.test.ts. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/run.ts';
import { breaks } from '../../sandbox/breaks.ts';
import { Mode } from '../../layers/core/mode.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const page = read('docs/own-app.md');

describe('the example of an application of your own', () => {
  it.each(['examples/own-app/app.ts', 'examples/own-app/server.ts'])('is shown on its page as it is: %s', (file) => {
    expect(page).toContain(`\`\`\`ts\n${read(file)}\`\`\``);
  });

  it('is right under the types of the CDK, without the strictness that the CDK itself does not keep', () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');

    const check = (): Buffer =>
      execFileSync(process.execPath, [tsc, '--noEmit', '-p', 'examples/own-app'], { cwd: ROOT });

    expect(check).not.toThrow();
  });

  it('has each way to break and each mode on its page', () => {
    for (const { name, usage } of breaks) expect(page).toContain(`break ${name} ${usage}`);
    for (const mode of Mode.options) expect(page).toContain(`\`${mode}\``);
  });
});

describe('the pages for the first minutes', () => {
  it.each(['docs/own-app.md', 'docs/first-15-minutes.md'])('name commands that exist: %s', (file) => {
    const typed = [...read(file).matchAll(/npx prunella ([a-z]+)/g)].map(([, command]) => command ?? '');

    expect(typed.length).toBeGreaterThan(0);
    expect(Object.keys(COMMANDS)).toEqual(expect.arrayContaining(typed));
  });
});
