import { epoch } from '../../../layers/core/points.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { changesBefore, median, ownSeries } from '../support/facts.ts';
import { memoryTrend } from '../support/memory.ts';
import { defineFeature } from './feature.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';

const MEMORY = /memory/i;

/** Memory in use after and before the onset, per cent of the limit. */
function sides(evidence: Evidence): { before: number; after: number } | undefined {
  const onset = epoch(evidence.window.onset);
  const [series] = ownSeries(evidence, MEMORY).filter(({ metric }) => !metric.startsWith('samples of '));
  const before = median((series?.points ?? []).filter(([at]) => at < onset).map(([, value]) => value));
  const after = median((series?.points ?? []).filter(([at]) => at >= onset).map(([, value]) => value));
  return before === undefined || after === undefined ? undefined : { before, after };
}

/** What memory tells: a leak rises, a limit that is too low is met at once, a healthy program does neither. */
export const memory = [
  defineFeature({
    name: 'memory-highest',
    unit: 'percent',
    summary: 'The most memory in use in the window.',
    of(evidence) {
      const values = ownSeries(evidence, MEMORY)
        .filter(({ metric }) => !metric.startsWith('samples of '))
        .flatMap(({ points }) => points.map(([, value]) => value));
      return values.length === 0 ? undefined : Math.max(...values);
    },
  }),
  defineFeature({
    name: 'memory-step',
    unit: 'percent',
    summary: 'Median memory in use after the onset, less that before.',
    of(evidence) {
      const found = sides(evidence);
      return found && found.after - found.before;
    },
  }),
  defineFeature({
    name: 'memory-rise',
    unit: 'percent',
    summary: 'How far memory rose in its steepest stretch without a drop; 0 where it did not rise steadily.',
    of(evidence) {
      if (sides(evidence) === undefined) return undefined;
      const rise = memoryTrend(evidence);
      return rise ? rise.to - rise.from : 0;
    },
  }),
  defineFeature({
    name: 'memory-tau',
    unit: 'correlation',
    summary: "Kendall's rank correlation of memory with time in that stretch.",
    of: (evidence) => memoryTrend(evidence)?.tau,
  }),
  defineFeature({
    name: 'memory-rise-after-deployment',
    unit: 's',
    summary: 'From the last deployment of a new revision until memory began to rise; negative where it rose before.',
    of(evidence) {
      const rise = memoryTrend(evidence);
      const [last] = changesBefore(evidence, evidence.resource, minutes(60), ['deployment-started']).filter(
        ({ from, to }) => from !== undefined && from !== to,
      );
      return rise && last && secondsBetween(last.at, rise.since);
    },
  }),
];
