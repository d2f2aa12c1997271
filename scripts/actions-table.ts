/** Writes the README's table of actions from their declarations. A test holds the two together. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from '../layers/core/action.ts';
import { actions } from '../functions/recover/actions.generated.ts';

const README = join(import.meta.dirname, '..', 'README.md');
const MARKERS = /<!-- actions -->\n[\s\S]*?<!-- \/actions -->/;

/** The AWS rights named in an action's `writes`, read from its source: the declaration itself needs parameters. */
function rightsOf(name: string): string {
  const source = readFileSync(join(import.meta.dirname, '..', 'functions/recover/actions', `${name}.ts`), 'utf8');
  const lists = [...source.matchAll(/actions: \[([^\]]*)\]/g)].map(([, list]) => list ?? '');
  const rights = lists.flatMap((list) => list.match(/[a-z-]+:[A-Z][A-Za-z]+/g) ?? []);
  return [...new Set(rights)].map((right) => `\`${right}\``).join(', ');
}

function undoOf({ undo, afterwards }: Action): string {
  if (!undo) return 'none needed: nothing is left changed';
  return afterwards.kind === 'revert'
    ? 'yes, and a watchdog takes it back once it is not needed'
    : 'yes, where the value is still ours';
}

export function actionsTable(): string {
  const rows = (Object.values(actions) as unknown as Action[]).map((action) => {
    const faults = [...new Set(action.heals.flatMap((heals) => heals.faults))].join(', ');
    return `| \`${action.name}\` | ${action.summary} | ${faults} | ${rightsOf(action.name)} | ${action.risk} | ${undoOf(action)} |`;
  });
  return ['| action | what it does | against | rights | risk | undo |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

export const withTable = (readme: string): string =>
  readme.replace(MARKERS, `<!-- actions -->\n${actionsTable()}\n<!-- /actions -->`);

if (import.meta.main) writeFileSync(README, withTable(readFileSync(README, 'utf8')));
