import type { Output } from './command.ts';

/** Left-aligned columns, two spaces apart; numbers are right-aligned. */
export function formatTable(rows: readonly Readonly<Record<string, string | number | undefined>>[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => (numeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(columns), ...cells.map(line)];
}

export function printer(write: (line: string) => void): Output {
  return {
    line: (text = '') => write(text),
    table(rows, empty) {
      if (rows.length === 0) write(empty);
      else for (const line of formatTable(rows)) write(line);
    },
  };
}

/** `1 incident`, `2 incidents`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** `3 min 20 s`, `45 s`, `2 h 5 min`. */
export function humanSeconds(total: number): string {
  const s = Math.round(total);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  const m = Math.round(s / 60);
  return m % 60 === 0 ? `${m / 60} h` : `${Math.floor(m / 60)} h ${m % 60} min`;
}
