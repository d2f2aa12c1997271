import * as z from 'zod';
import { putSignals } from '../../layers/runtime/bus.ts';
import { config } from '../../layers/runtime/env.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { lambda, MetricUnit } from '../../layers/runtime/lambda.ts';
import { publishProbes } from '../../layers/runtime/probe-points.ts';
import { runtime } from '../../layers/runtime/runtime.ts';
import { addSeconds } from '../../layers/core/units.ts';
import { probeAll } from './probe.ts';
import { reach } from './reach.ts';

/** The schedule's event says when this run was meant to be. */
const ProbeEvent = z.object({ time: z.iso.datetime({ offset: true }).optional() });
/** For what is told and kept after the last probe. */
const RESERVE = 10;

/** Asks the probes that are due: once a minute. */
export const handler = lambda('probe', ProbeEvent, async ({ time }, { now, log, metrics, deadline }) => {
  const policy = config().probe;
  const ports = {
    probes: knowledge.probes,
    probeStates: knowledge.probeStates,
    keepProbeState: knowledge.keepProbeState,
    forgetProbe: knowledge.forgetProbe,
    changes: knowledge.changes,
    publish: publishProbes,
    tell: putSignals,
    reach: (probe: Parameters<typeof reach>[0]) => (runtime().reach ?? reach)(probe, policy),
    now,
  };
  const ran = await probeAll(ports, time ? new Date(time).toISOString() : now(), addSeconds(deadline, -RESERVE));
  log.appendKeys({ ran });
  metrics.addMetric('ProbesAsked', MetricUnit.Count, ran.asked);
  metrics.addMetric('ProbesFailed', MetricUnit.Count, ran.failed);
  metrics.addMetric('ProbesSkipped', MetricUnit.Count, ran.skipped);
  return ran;
});
