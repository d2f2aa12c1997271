import { AwsError } from '../contract.ts';
import type { StateValue, TreatMissingData } from './evaluate.ts';
import type { RuleNode } from './composite-rule.ts';
import type { Dimension } from './metric-store.ts';
import type { MetricDataQuery, QuerySet } from './queries.ts';

/** What an alarm of either kind has. Times are epoch milliseconds. */
interface AnyAlarm {
  readonly name: string;
  readonly arn: string;
  readonly tags: Map<string, string>;
  description?: string | undefined;
  actionsEnabled: boolean;
  okActions: readonly string[];
  alarmActions: readonly string[];
  insufficientDataActions: readonly string[];
  configuredAt: number;
  state: AlarmState;
  transitionedAt: number;
}

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON text. */
  readonly reasonData?: string | undefined;
  readonly at: number;
}

/** How a metric alarm was configured, in the members of AWS's API. */
export interface MetricAlarmConfiguration {
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Unit?: string;
  readonly Period?: number;
  readonly Metrics?: readonly MetricDataQuery[];
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData?: TreatMissingData;
  readonly EvaluateLowSampleCountPercentile?: string;
}

export interface MetricAlarm extends AnyAlarm {
  readonly kind: 'metric';
  configuration: MetricAlarmConfiguration;
  /** The alarm's metric or expression, ready to compute. */
  queries: QuerySet;
  /** The query whose series the threshold is compared with. */
  watched: string;
  /** Id of the metric in events, made once for each configuration. */
  metricId: string;
}

export interface CompositeAlarm extends AnyAlarm {
  readonly kind: 'composite';
  ruleText: string;
  rule: RuleNode;
  suppressor?: Suppressor | undefined;
  suppressed?: { readonly by: 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod'; readonly reason: string } | undefined;
  /** When actions held back by a wait or extension period are decided on. */
  heldUntil?: number | undefined;
}

export interface Suppressor {
  readonly alarm: string;
  /** Seconds. */
  readonly waitPeriod: number;
  /** Seconds. */
  readonly extensionPeriod: number;
}

export type Alarm = MetricAlarm | CompositeAlarm;

/** A line of an alarm's history, in the members of AWS's API. */
export interface HistoryItem {
  readonly AlarmName: string;
  readonly AlarmType: 'MetricAlarm' | 'CompositeAlarm';
  readonly Timestamp: Date;
  readonly HistoryItemType: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly HistorySummary: string;
  readonly HistoryData: string;
}

export const typeOf = (alarm: Alarm): 'MetricAlarm' | 'CompositeAlarm' =>
  alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';

export const actionsFor = (alarm: Alarm, state: StateValue): readonly string[] =>
  ({ ALARM: alarm.alarmActions, OK: alarm.okActions, INSUFFICIENT_DATA: alarm.insufficientDataActions })[state];

export const noSuchAlarm = (name: string): AwsError => new AwsError('ResourceNotFound', `Unknown alarm: ${name}`, 404);

/** The answer of `DescribeAlarms` for one alarm. */
export function describe(alarm: Alarm): Readonly<Record<string, unknown>> {
  const common = {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: alarm.state.value,
    StateReason: alarm.state.reason,
    StateReasonData: alarm.state.reasonData,
    StateUpdatedTimestamp: new Date(alarm.state.at),
    StateTransitionedTimestamp: new Date(alarm.transitionedAt),
  };
  if (alarm.kind === 'metric') return defined({ ...common, Dimensions: [], ...alarm.configuration });
  return defined({
    ...common,
    AlarmRule: alarm.ruleText,
    ActionsSuppressor: alarm.suppressor?.alarm,
    ActionsSuppressorWaitPeriod: alarm.suppressor?.waitPeriod,
    ActionsSuppressorExtensionPeriod: alarm.suppressor?.extensionPeriod,
    ActionsSuppressedBy: alarm.suppressed?.by,
    ActionsSuppressedReason: alarm.suppressed?.reason,
  });
}

/** Without the members that have no value. */
export const defined = <T extends Readonly<Record<string, unknown>>>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null)) as T;
