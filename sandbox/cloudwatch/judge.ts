import type { AlarmState, MetricAlarm } from './alarm.ts';
import { evaluateAlarm, evaluationRange, tooFewSamples, type Datapoint, type Rule } from './evaluate.ts';
import type { QueryResult } from './queries.ts';
import { reasonDataOf, reasonOf } from './reasons.ts';
import { percentileOf } from './statistics.ts';

/**
 * Evaluates one metric alarm now.
 *
 * @param now epoch milliseconds
 * @returns the state it should be in, or undefined when it stays as it is
 */
export function judge(alarm: MetricAlarm, now: number): Omit<AlarmState, 'at'> | undefined {
  const c = alarm.configuration;
  const period = alarm.queries.periodOf(alarm.watched);
  const rule = ruleOf(alarm);
  const length = evaluationRange(rule.evaluationPeriods);
  const start = lastPeriodEnd(now, period) - period * length;
  const result = alarm.queries.compute(alarm.watched, { start, period, length });
  if (result.series.length > 1)
    throw new Error(`${alarm.watched} gives ${result.series.length} time series, an alarm watches one`);
  const verdict = evaluateAlarm(rule, datapointsOf(result, start, length));
  if (verdict.state === 'retain' || verdict.state === alarm.state.value) return undefined;
  if (lowOnSamples(alarm, verdict.evaluated)) return undefined;
  const reasonData = reasonDataOf({
    now,
    period,
    statistic: c.Statistic ?? c.ExtendedStatistic,
    unit: c.Unit,
    threshold: c.Threshold,
    evaluated: verdict.evaluated,
  });
  return { value: verdict.state, reason: reasonOf(rule, verdict, alarm.state.value), reasonData };
}

/**
 * The end of the newest whole period, in seconds. Periods of a minute and more slide with each evaluation and end at the
 * full minute; shorter ones end at a multiple of 10 s ("Evaluating an alarm").
 */
function lastPeriodEnd(now: number, period: number): number {
  const step = period < 60 ? 10 : 60;
  return Math.floor(now / 1000 / step) * step;
}

function ruleOf(alarm: MetricAlarm): Rule {
  const c = alarm.configuration;
  // Alarms on AWS/DynamoDB ignore missing data unless told otherwise (same page of the guide).
  const byDefault = c.Namespace === 'AWS/DynamoDB' ? 'ignore' : 'missing';
  return {
    evaluationPeriods: c.EvaluationPeriods,
    datapointsToAlarm: c.DatapointsToAlarm ?? c.EvaluationPeriods,
    threshold: c.Threshold,
    comparison: c.ComparisonOperator,
    treatMissingData: c.TreatMissingData ?? byDefault,
  };
}

function datapointsOf(result: QueryResult, start: number, length: number): readonly Datapoint[] {
  const [series] = result.series;
  return Array.from({ length }, (_, i) => {
    const sampleCount = series?.samples?.[i];
    return { time: start + i * result.period, value: series?.values[i], ...(sampleCount ? { sampleCount } : {}) };
  });
}

function lowOnSamples(alarm: MetricAlarm, evaluated: readonly Datapoint[]): boolean {
  if (alarm.configuration.EvaluateLowSampleCountPercentile !== 'ignore') return false;
  const percentile = percentileOf(alarm.configuration.ExtendedStatistic ?? '');
  if (percentile === undefined || evaluated.length === 0) return false;
  return tooFewSamples(
    percentile,
    evaluated.reduce((sum, d) => sum + (d.sampleCount ?? 0), 0),
  );
}
