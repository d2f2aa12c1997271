import type { Milliseconds } from '../../layers/core/units.ts';
import { columns } from '../support/columns.ts';
import { STEPS, type Measured } from './measure.ts';

/** p50 and p95 in milliseconds, a row a step; the last rows are the whole way, and what of it is not Prunella's own. */
export function table(ways: Readonly<Record<string, readonly Measured[]>>): string {
  const names = Object.keys(ways);
  const header = ['', ...names.flatMap((name) => [`${name} p50`, 'p95', 'share'])];
  const rows = [
    ...STEPS.map((step) => row(step, ways, ({ ownMs }) => ownMs[step])),
    row('own, in all', ways, own),
    row('message to change', ways, ({ wallMs }) => wallMs),
    row('of it the emulator', ways, (one) => one.wallMs - own(one)),
    ['incidents', ...names.flatMap((name) => [String(ways[name]?.length ?? 0), '', ''])],
  ];
  return columns([header, ...rows], true);
}

const own = ({ ownMs }: Measured): Milliseconds => STEPS.reduce((sum, step) => sum + ownMs[step], 0);

function row(
  title: string,
  ways: Readonly<Record<string, readonly Measured[]>>,
  of: (one: Measured) => Milliseconds,
): string[] {
  const cells = Object.values(ways).flatMap((all) => {
    const values = all.map(of).sort((a, b) => a - b);
    const total = all.reduce((sum, one) => sum + one.wallMs, 0);
    const share = values.reduce((sum, value) => sum + value, 0) / total;
    return [`${quantile(values, 0.5)} ms`, `${quantile(values, 0.95)} ms`, `${Math.round(share * 100)} %`];
  });
  return [title, ...cells];
}

/** Nearest rank, rounded. @param sorted ascending */
export function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
}
