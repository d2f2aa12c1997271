import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Signal } from '../../../layers/core/signal.ts';

/** The newest forecast about the incident's resource whose series is of that kind. */
export function foretoldOf(evidence: Evidence, series: RegExp): Extract<Signal, { kind: 'forecast' }> | undefined {
  return evidence.signals
    .filter((signal): signal is Extract<Signal, { kind: 'forecast' }> => signal.kind === 'forecast')
    .filter(({ resource, foretold }) => resource === evidence.resource && series.test(foretold?.series ?? ''))
    .sort((a, b) => (a.at < b.at ? 1 : -1))[0];
}
