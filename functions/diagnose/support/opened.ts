import { isBad, type Criterion } from '../../../layers/core/criterion.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { readingOf } from '../../../layers/core/points.ts';
import { target } from './facts.ts';

/** What a process opens and must close again. */
export const OPENED = /connection|descriptor|handle|socket|session|thread/i;

/** Something that a process opens, of which its owner said how much there may be. */
export interface LimitedOpen {
  readonly name: string;
  /** As measured, oldest first. */
  readonly values: readonly number[];
  readonly last: number;
  readonly limit: number;
  readonly criterion: Criterion;
}

export const isFull = ({ criterion, last }: LimitedOpen): boolean => isBad(criterion, last);

export function limitedOpen(evidence: Evidence): LimitedOpen[] {
  return target(evidence).own.flatMap((criterion): LimitedOpen[] => {
    if (!criterion.id.startsWith('limit:') || !OPENED.test(criterion.id)) return [];
    const values = [...readingOf(criterion, evidence.series).values.values()];
    const last = values.at(-1);
    if (last === undefined) return [];
    return [{ name: criterion.id.slice('limit:'.length), values, last, limit: criterion.threshold, criterion }];
  });
}
