/** The same incident with less known of it, so that a model learns to do without any one kind of evidence. */
import type { Evidence } from '../../layers/core/evidence.ts';
import { addSeconds } from '../../layers/core/units.ts';
import { pick, type Random } from '../../sandbox/load/random.ts';

const WAYS: readonly ((evidence: Evidence, random: Random) => Evidence)[] = [
  function withoutLogs(evidence) {
    return { ...evidence, logs: [] };
  },
  function withoutNeighbours(evidence) {
    const isOwn = ({ resource }: { readonly resource: string }) => resource === evidence.resource;
    return {
      ...evidence,
      resources: evidence.resources.slice(0, 1),
      openIncidents: {},
      series: evidence.series.filter(isOwn),
      services: evidence.services.filter(isOwn),
      stoppedTasks: evidence.stoppedTasks.filter(isOwn),
      logs: evidence.logs.filter(isOwn),
    };
  },
  /** The onset is known to within a minute. */
  function withOnsetOff(evidence, random) {
    const onset = addSeconds(evidence.window.onset, Math.round(60 * (2 * random() - 1)));
    return { ...evidence, window: { ...evidence.window, onset } };
  },
  function withMinutesOnly(evidence) {
    return { ...evidence, series: evidence.series.filter(({ period }) => period >= 60) };
  },
  /** Half of the series were throttled. */
  function withHalfTheMetrics(evidence, random) {
    return { ...evidence, series: evidence.series.filter(() => random() < 0.5) };
  },
];

/** One of the ways, drawn. */
export const perturbed = (evidence: Evidence, random: Random): Evidence => pick(random, WAYS)(evidence, random);
