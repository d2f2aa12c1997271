import type { Evidence } from '../../../layers/core/evidence.ts';
import { isPredicted, type Signal } from '../../../layers/core/signal.ts';

/** The newest forecast about the incident's resource whose series is of that kind. */
export function foretoldOf(evidence: Evidence, series: RegExp): Extract<Signal, { kind: 'forecast' }> | undefined {
  return evidence.signals
    .filter((signal): signal is Extract<Signal, { kind: 'forecast' }> => signal.kind === 'forecast')
    .filter(({ resource, foretold }) => resource === evidence.resource && series.test(foretold?.series ?? ''))
    .sort((a, b) => (a.at < b.at ? 1 : -1))[0];
}

/** A model says that it will fail as others did, and nothing has happened yet. */
export const isForetoldByPast = ({ signals }: Evidence): boolean =>
  isPredicted(signals) && signals.some((signal) => signal.kind === 'forecast' && signal.failing !== undefined);
