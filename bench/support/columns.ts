/**
 * Rows of text as columns, padded to their widest cell.
 * @param right whether all but the first column are numbers, which end below one another
 */
export function columns(rows: readonly (readonly string[])[], right = false): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const padded = (cell: string, column: number): string =>
    right && column > 0 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}
