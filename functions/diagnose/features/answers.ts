import type { Evidence } from '../../../layers/core/evidence.ts';
import { epoch } from '../../../layers/core/points.ts';
import { changeOf, type Change } from '../ranking/change.ts';
import type { Kind } from '../ranking/input.ts';
import { measuredOf } from '../roots/measured.ts';
import { load, slack } from '../support/facts.ts';
import { defineFeature } from './feature.ts';

/** The resource's own metric of a kind that changed most since the onset. */
export function changed(evidence: Evidence, kinds: readonly Kind[]): Change | undefined {
  const from = epoch(evidence.window.onset) - slack(evidence);
  return measuredOf({ ...evidence, series: evidence.series.filter(({ resource }) => resource === evidence.resource) })
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap((series) => changeOf(series, from) ?? [])
    .sort((a, b) => b.z - a.z || (a.metric < b.metric ? -1 : 1))[0];
}

const finite = (value: number | undefined, most: number): number | undefined =>
  value !== undefined && Number.isFinite(value) ? Math.min(most, value) : undefined;

/** How the resource answers what is asked of it, and how much that is. */
export const answers = [
  defineFeature({
    name: 'failed-share',
    unit: 'percent',
    summary: 'Requests that fail since the onset, by the worst quarter of the periods.',
    of: (evidence) => finite(100 - (changed(evidence, ['availability'])?.now ?? NaN), 100),
  }),
  defineFeature({
    name: 'failed-rise',
    unit: 'percent',
    summary: 'How many percentage points more requests fail than usual.',
    of(evidence) {
      const found = changed(evidence, ['availability']);
      return found && finite(found.usual - found.now, 100);
    },
  }),
  defineFeature({
    name: 'latency-ratio',
    unit: 'ratio',
    summary: 'Response time since the onset over the usual one.',
    of(evidence) {
      const found = changed(evidence, ['latency']);
      return found && found.usual > 0 ? finite(found.now / found.usual, 1000) : undefined;
    },
  }),
  defineFeature({
    name: 'latency-now',
    unit: 's',
    summary: 'Response time since the onset, by the worst quarter of the periods.',
    of: (evidence) => finite(changed(evidence, ['latency'])?.now, 1000),
  }),
  defineFeature({
    name: 'requests-ratio',
    unit: 'ratio',
    summary: 'Median number of requests a period after the onset over that before.',
    of: (evidence) => finite(load(evidence)?.ratio, 100),
  }),
  defineFeature({
    name: 'cpu-now',
    unit: 'percent',
    summary: 'Processor in use since the onset, by the busiest quarter of the periods.',
    of: (evidence) => finite(changed(evidence, ['cpu'])?.now, 1000),
  }),
  defineFeature({
    name: 'cpu-ratio',
    unit: 'ratio',
    summary: 'Processor in use since the onset over the usual.',
    of(evidence) {
      const found = changed(evidence, ['cpu']);
      return found && found.usual > 0 ? finite(found.now / found.usual, 100) : undefined;
    },
  }),
  defineFeature({
    name: 'backlog-z',
    unit: 'ratio',
    summary: 'Queue age, depth, connections or throttles: standard deviations above the usual.',
    of: (evidence) => finite(changed(evidence, ['saturation'])?.z, 1000),
  }),
];
