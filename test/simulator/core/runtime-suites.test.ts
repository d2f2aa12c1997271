import { describe, vi } from 'vitest';
import type { Tables } from '../../../simulator/core/tables.ts';

/** The suites of the knowledge base, once more: on the tables in memory, with all they assert. */
const memory = vi.hoisted(() => ({ tables: undefined as Tables | undefined }));
vi.mock('../../runtime/tables.ts', async () => {
  const { TABLES, tableEnv } = await import('../../../layers/core/tables.ts');
  const { Tables } = await import('../../../simulator/core/tables.ts');
  const freshTables = () => {
    for (const name of Object.keys(TABLES)) process.env[tableEnv(name as keyof typeof TABLES)] = name;
    memory.tables = new Tables({ clock: () => 0 });
  };
  return { freshTables };
});
vi.mock('../../../layers/runtime/documents.ts', async () => {
  const { through } = await import('../../../layers/runtime/calls.ts');
  const send = (command: never) => Promise.resolve().then(() => memory.tables?.answer(command) as never);
  return { tables: through('tables', () => ({ send })) };
});

const ON_TABLES = [
  'acquire',
  'approvals',
  'attempts',
  'audit',
  'brake-and-reverts',
  'knowledge',
  'lever-and-slots',
  'open-or-join',
  'races',
  'watches',
];

describe.each(ON_TABLES)('%s', async (name) => {
  await import(`../../runtime/${name}.test.ts`);
});
