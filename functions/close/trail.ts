import { findBreak } from '../../layers/core/audit.ts';
import { MetricUnit } from '../../layers/runtime/lambda.ts';
import type { StepContext } from '../../layers/runtime/step.ts';

type Watching = Pick<StepContext, 'incident' | 'log'> & {
  readonly kb: { readonly audit: Pick<StepContext['kb']['audit'], 'trail'> };
  readonly metrics: Pick<StepContext['metrics'], 'singleMetric'>;
};

/** Reads an incident's trail through as it ends. What does not fit together is counted: an alarm tells the operators. */
export async function watchTrail({ incident, kb, log, metrics }: Watching): Promise<void> {
  const trail = await kb.audit.trail(incident.incidentId);
  const broken = findBreak(trail);
  if (broken === undefined) return;
  log.error('audit trail broken', { broken });
  // By itself: the incident's own dimensions say how it ended, which has nothing to do with it.
  metrics.singleMetric().addMetric('AuditBroken', MetricUnit.Count, 1);
}
