/**
 * Prunella's tables, and the secondary indexes of each: index name to the prefix of its keys. Every table has the keys
 * `pk` and `sk`, an index those with its prefix (`gsi1pk`, `gsi1sk`); all are strings, and an index holds whole items.
 */
export const TABLES = {
  incidents: { 'status-time': 'gsi1', 'resource-time': 'gsi2' },
  audit: {},
  knowledge: {},
  control: {},
} as const satisfies Record<string, Readonly<Record<string, string>>>;
export type Table = keyof typeof TABLES;

/** The environment variable that carries a table's name. */
export const tableEnv = (table: Table): string => `${table.toUpperCase()}_TABLE`;
