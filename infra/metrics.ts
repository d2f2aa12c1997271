import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Ending, EscalationCause } from '../layers/core/incident.ts';

type Options = Pick<MetricOptions, 'label' | 'period' | 'statistic'>;

/**
 * One of our own metrics, under the name and the dimensions with which a function counts it (`service` is the name it
 * gives itself). The incident is a property of a metric, never a dimension.
 */
function counted(metricName: string, service: string, dimensions: Record<string, string>, options: Options): Metric {
  return new Metric({ namespace: 'Prunella', metricName, dimensionsMap: { service, ...dimensions }, ...options });
}

const SUM = { statistic: 'Sum' } as const;

type By = Extract<Ending, { kind: 'recovered' }>['by'];

export const metrics = {
  opened: (options: Options) => counted('IncidentsOpened', 'intake', {}, { ...SUM, ...options }),
  recovered: (by: By, options: Options) =>
    counted('Incidents', 'Close', { ending: 'recovered', by }, { ...SUM, ...options }),
  ended: (ending: Exclude<Ending['kind'], 'recovered'>, options: Options) =>
    counted('Incidents', 'Close', { ending, by: 'none' }, { ...SUM, ...options }),
  /** Seconds from onset to the recovery by an action. */
  timeToRecover: (options: Options) =>
    counted('TimeToRecover', 'Close', { ending: 'recovered', by: 'action' }, options),
  /** Counted by Escalate, and by Reconcile where an execution died before it could. */
  escalated: (because: EscalationCause, options: Options) => {
    const from = (service: string) => counted('Escalated', service, { because }, { ...SUM, ...options });
    const cause = because.replaceAll('-', '_'); // the ids of a graph's metrics differ, and know no hyphen
    return new MathExpression({
      expression: `FILL(told_${cause}, 0) + FILL(found_${cause}, 0)`,
      usingMetrics: { [`told_${cause}`]: from('Escalate'), [`found_${cause}`]: from('reconcile') },
      label: options.label ?? because,
      ...(options.period && { period: options.period }),
    });
  },
  probesSkipped: (options: Options) => counted('ProbesSkipped', 'probe', {}, { ...SUM, ...options }),
  auditBroken: (options: Options) => counted('AuditBroken', 'Close', {}, { ...SUM, ...options }),
};
