import type { SandboxContext } from '../contract.ts';
import { defined, type CompositeAlarm, type MetricAlarm, type MetricAlarmConfiguration } from './alarm.ts';
import { initialState, newMetricId, type AlarmBook } from './alarm-book.ts';
import { alarmNameOf, alarmsIn, parseAlarmRule } from './composite-rule.ts';
import { COMPARISON_OPERATORS } from './evaluate.ts';
import { oneOf, validation } from './inputs.ts';
import type { Dimension, MetricStore } from './metric-store.ts';
import { QuerySet, type MetricDataQuery } from './queries.ts';
import { CREATED } from './reasons.ts';
import { SIMPLE_STATISTICS } from './statistics.ts';

type Input = Readonly<Record<string, unknown>>;

const MISSING_DATA = ['breaching', 'notBreaching', 'ignore', 'missing'];
const DAY = 86_400;
/** The id of a single-metric alarm's only query. */
const SINGLE = 'm1';

/** What putting an alarm needs. `now` in epoch milliseconds. */
export interface Put {
  readonly book: AlarmBook;
  readonly store: MetricStore;
  readonly place: Pick<SandboxContext, 'accountId' | 'region'>;
  readonly now: number;
}

/** `PutMetricAlarm`. An alarm that exists keeps its state, and gets the new configuration whole. */
export function putMetricAlarm(put: Put, input: Input): MetricAlarm {
  const name = alarmName(input);
  const before = existing(put, name, 'metric') as MetricAlarm | undefined;
  const configuration = configurationFrom(input);
  const { queries, watched } = watchedBy(configuration, put.store);
  checkSpan(configuration, queries.periodOf(watched));
  const alarm: MetricAlarm = {
    kind: 'metric',
    ...common(put, name, input, before),
    configuration,
    queries,
    watched,
    metricId: newMetricId(),
  };
  put.book.put(alarm);
  return alarm;
}

/** `PutCompositeAlarm`. Its state follows from its rule at once. */
export function putCompositeAlarm(put: Put, input: Input): CompositeAlarm {
  const name = alarmName(input);
  const before = existing(put, name, 'composite') as CompositeAlarm | undefined;
  if (!input.AlarmRule) throw validation('The parameter AlarmRule is required.');
  const ruleText = String(input.AlarmRule);
  const rule = parseAlarmRule(ruleText);
  const unknown = alarmsIn(rule).filter((child) => !put.book.get(child));
  if (unknown.length > 0) {
    throw validation(
      `Could not save the composite alarm as alarms [${unknown.join(', ')}] in the alarm rule do not exist`,
    );
  }
  const alarm: CompositeAlarm = {
    kind: 'composite',
    ...common(put, name, input, before),
    ruleText,
    rule,
    suppressor: suppressorOf(input),
  };
  put.book.put(alarm);
  return alarm;
}

function suppressorOf(input: Input) {
  if (!input.ActionsSuppressor) return undefined;
  if (input.ActionsSuppressorWaitPeriod === undefined || input.ActionsSuppressorExtensionPeriod === undefined) {
    throw validation(
      'ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with ActionsSuppressor.',
    );
  }
  return {
    alarm: alarmNameOf(String(input.ActionsSuppressor)),
    waitPeriod: Number(input.ActionsSuppressorWaitPeriod),
    extensionPeriod: Number(input.ActionsSuppressorExtensionPeriod),
  };
}

function alarmName(input: Input): string {
  if (!input.AlarmName) throw validation('The parameter AlarmName is required.');
  const name = String(input.AlarmName);
  if (name.length > 255)
    throw validation(`The parameter AlarmName must have at most 255 characters, got ${name.length}.`);
  return name;
}

function existing(put: Put, name: string, kind: 'metric' | 'composite') {
  const alarm = put.book.get(name);
  if (alarm && alarm.kind !== kind) throw validation(`An alarm of another type with the name ${name} exists already.`);
  return alarm;
}

function common(put: Put, name: string, input: Input, before: MetricAlarm | CompositeAlarm | undefined) {
  const given = (input.Tags ?? []) as readonly { Key: string; Value: string }[];
  const list = (member: string): readonly string[] => {
    const actions = (input[member] ?? []) as readonly string[];
    if (actions.length > 5)
      throw validation(`The parameter ${member} must have at most 5 members, got ${actions.length}.`);
    return actions;
  };
  return {
    name,
    arn: `arn:aws:cloudwatch:${put.place.region}:${put.place.accountId}:alarm:${name}`,
    tags: before?.tags ?? new Map(given.map((tag) => [tag.Key, tag.Value])),
    description: input.AlarmDescription === undefined ? undefined : String(input.AlarmDescription),
    actionsEnabled: input.ActionsEnabled !== false,
    okActions: list('OKActions'),
    alarmActions: list('AlarmActions'),
    insufficientDataActions: list('InsufficientDataActions'),
    configuredAt: put.now,
    state: before?.state ?? initialState(CREATED, put.now),
    transitionedAt: before?.transitionedAt ?? put.now,
  };
}

function configurationFrom(input: Input): MetricAlarmConfiguration {
  if (input.ThresholdMetricId) {
    throw validation(
      'ThresholdMetricId (an alarm on an anomaly detection band) is not supported here: give Threshold, a number.',
    );
  }
  const operator = oneOf(input.ComparisonOperator, COMPARISON_OPERATORS, 'comparisonOperator');
  const evaluationPeriods = positive(input.EvaluationPeriods, 'EvaluationPeriods');
  const m = input.DatapointsToAlarm === undefined ? undefined : positive(input.DatapointsToAlarm, 'DatapointsToAlarm');
  if (m !== undefined && m > evaluationPeriods) {
    throw validation(
      `DatapointsToAlarm (${m}) must be less than or equal to EvaluationPeriods (${evaluationPeriods}).`,
    );
  }
  if (typeof input.Threshold !== 'number')
    throw validation('The parameter Threshold is required and must be a number.');
  if (input.TreatMissingData !== undefined) oneOf(input.TreatMissingData, MISSING_DATA, 'treatMissingData');
  if (input.EvaluateLowSampleCountPercentile !== undefined) {
    oneOf(input.EvaluateLowSampleCountPercentile, ['evaluate', 'ignore'], 'evaluateLowSampleCountPercentile');
  }
  return defined({
    ...(input.Metrics === undefined ? singleMetric(input) : expression(input)),
    EvaluationPeriods: evaluationPeriods,
    DatapointsToAlarm: m,
    Threshold: input.Threshold,
    ComparisonOperator: operator,
    TreatMissingData: input.TreatMissingData,
    EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile,
  }) as unknown as MetricAlarmConfiguration;
}

function singleMetric(input: Input): Input {
  for (const member of ['MetricName', 'Namespace', 'Period']) {
    if (!input[member]) throw validation(`The parameter ${member} is required when Metrics is not given.`);
  }
  const { Statistic, ExtendedStatistic } = input;
  if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
    throw validation('Exactly one of Statistic and ExtendedStatistic must be given.');
  }
  if (Statistic !== undefined) oneOf(Statistic, SIMPLE_STATISTICS, 'statistic');
  const { MetricName, Namespace, Unit } = input;
  return {
    MetricName,
    Namespace,
    Dimensions: input.Dimensions ?? [],
    Period: Number(input.Period),
    Statistic,
    ExtendedStatistic,
    Unit,
  };
}

function expression(input: Input): Input {
  const both = ['MetricName', 'Namespace', 'Period', 'Statistic', 'ExtendedStatistic', 'Dimensions'].filter(
    (member) => input[member] !== undefined && !(Array.isArray(input[member]) && input[member].length === 0),
  );
  if (both.length > 0) throw validation(`Metrics list must not be given together with ${both.join(', ')}.`);
  return { Metrics: input.Metrics };
}

/** The alarm's queries, and the one whose series is compared with the threshold. */
function watchedBy(c: MetricAlarmConfiguration, store: MetricStore): { queries: QuerySet; watched: string } {
  if (c.Metrics === undefined) return { queries: new QuerySet([singleQuery(c)], store), watched: SINGLE };
  const returned = c.Metrics.filter((query) => query.ReturnData !== false);
  if (returned.length !== 1) {
    throw validation(`Exactly one element of the metrics list should return data, got ${returned.length}.`);
  }
  const queries = new QuerySet(c.Metrics, store);
  const watched = returned[0]!.Id;
  if (queries.usesSearch(watched))
    throw validation('SEARCH cannot be used in an alarm: an alarm watches one time series.');
  const periods = new Set(c.Metrics.flatMap((q) => (q.MetricStat ? [q.MetricStat.Period] : [])));
  if (periods.size > 1)
    throw validation(`All metrics of an alarm must have the same period, got ${[...periods].join(', ')}.`);
  return { queries, watched };
}

function singleQuery(c: MetricAlarmConfiguration): MetricDataQuery {
  return {
    Id: SINGLE,
    MetricStat: {
      Metric: { Namespace: c.Namespace!, MetricName: c.MetricName!, Dimensions: c.Dimensions as readonly Dimension[] },
      Period: c.Period!,
      Stat: (c.Statistic ?? c.ExtendedStatistic)!,
      ...(c.Unit === undefined ? {} : { Unit: c.Unit }),
    },
  };
}

function checkSpan(c: MetricAlarmConfiguration, period: number): void {
  if (period < 10) throw validation(`Period must be 10, 20, 30 or a multiple of 60 for an alarm, got ${period}.`);
  const limit = period >= 3600 ? 7 * DAY : DAY;
  if (c.EvaluationPeriods * period > limit) {
    throw validation(
      `Metrics cannot be checked across more than ${limit === DAY ? 'a day' : '7 days'} (EvaluationPeriods * Period must be <= ${limit}), ` +
        `got ${c.EvaluationPeriods} * ${period}.`,
    );
  }
}

function positive(value: unknown, name: string): number {
  const number = Number(value);
  if (value !== undefined && Number.isInteger(number) && number > 0) return number;
  throw validation(`The parameter ${name} is required and must be a positive whole number, got ${String(value)}.`);
}
