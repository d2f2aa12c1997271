import type { Result } from './result.ts';

const seconds = (ms: number | null): string => (ms === null ? '-' : `${Math.round(ms / 1000)} s`);
const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)} %`);

const COLUMNS: readonly (readonly [title: string, cell: (result: Result) => string])[] = [
  ['scenario', ({ ok, name }) => `${ok ? '✓' : '✗'} ${name}`],
  ['fault found', ({ fault, faultRight }) => (fault === null ? '-' : `${fault}${faultRight ? '' : ' (wrong)'}`)],
  ['action', ({ action }) => action ?? '-'],
  ['detected', ({ detectedMs }) => seconds(detectedMs)],
  ['acted', ({ actedMs }) => seconds(actedMs)],
  ['healed', ({ healedMs }) => seconds(healedMs)],
  ['attempts', ({ attempts }) => String(attempts)],
  ['verdict', ({ verdict }) => verdict],
  ['availability', ({ availability }) => percent(availability)],
];

/** The table at the end of a run, and under it what went wrong. */
export function table(results: readonly Result[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...results.map((result) => COLUMNS.map(([, cell]) => cell(result)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const ruler = widths.map((width) => '─'.repeat(width)).join('  ');
  const problems = results.flatMap(({ name, problems: found }) => found.map((problem) => `✗ ${name}: ${problem}`));
  return [lines[0], ruler, ...lines.slice(1), ...(problems.length > 0 ? ['', ...problems] : [])].join('\n');
}
