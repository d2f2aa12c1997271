import { AwsError, type Operation } from '../contract.ts';
import { describe, noSuchAlarm, typeOf, type Alarm, type HistoryItem } from './alarm.ts';
import type { AlarmBook } from './alarm-book.ts';
import { alarmNameOf, alarmsIn } from './composite-rule.ts';
import type { StateValue } from './evaluate.ts';
import { count, epochSeconds, oneOf, page, required, validation } from './inputs.ts';
import { dimensionsOf } from './metric-operations.ts';
import { keyOf } from './metric-store.ts';
import { putCompositeAlarm, putMetricAlarm, type Put } from './put-alarm.ts';

type Input = Readonly<Record<string, unknown>>;

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
const RECORDS = { min: 1, max: 100, byDefault: 50 };
const HISTORY_TYPES = [
  'ConfigurationUpdate',
  'StateUpdate',
  'Action',
  'AlarmContributorStateUpdate',
  'AlarmContributorAction',
];

/** The operations of CloudWatch that deal with alarms. */
export function alarmOperations(book: AlarmBook, put: () => Put): Readonly<Record<string, Operation>> {
  const nothing =
    (run: (input: Input) => unknown): Operation =>
    (input: Input) => {
      run(input);
      return {};
    };
  return {
    PutMetricAlarm: nothing((input) => putMetricAlarm(put(), input)),
    PutCompositeAlarm: nothing((input) => putCompositeAlarm(put(), input)),
    DescribeAlarms: (input) => describeAlarms(book, input),
    DescribeAlarmsForMetric: (input) => describeAlarmsForMetric(book, input),
    DescribeAlarmHistory: (input) => describeAlarmHistory(book, input),
    DescribeAlarmContributors: (input) => {
      if (!book.get(required(input, 'AlarmName')))
        throw new AwsError('ResourceNotFoundException', `Unknown alarm: ${input.AlarmName}`, 404);
      return { AlarmContributors: [] };
    },
    SetAlarmState: nothing((input) => setAlarmState(book, input)),
    EnableAlarmActions: nothing((input) => setActions(book, input, true)),
    DisableAlarmActions: nothing((input) => setActions(book, input, false)),
    DeleteAlarms: nothing((input) => deleteAlarms(book, input)),
  };
}

function describeAlarms(book: AlarmBook, input: Input): unknown {
  const { ChildrenOfAlarmName: children, ParentsOfAlarmName: parents } = input;
  if (children !== undefined || parents !== undefined) return describeFamily(book, input);
  const names = input.AlarmNames as readonly string[] | undefined;
  if (names && input.AlarmNamePrefix !== undefined) {
    throw validation('AlarmNamePrefix and AlarmNames are mutually exclusive.');
  }
  if (input.StateValue !== undefined) oneOf(input.StateValue, STATES, 'stateValue');
  // Without AlarmTypes only metric alarms are answered, even when composite ones are named (documented).
  const types = (input.AlarmTypes as readonly string[] | undefined) ?? ['MetricAlarm'];
  const found = book
    .list()
    .filter((a) => types.includes(typeOf(a)))
    .filter((a) => !names || names.length === 0 || names.includes(a.name))
    .filter((a) => input.AlarmNamePrefix === undefined || a.name.startsWith(String(input.AlarmNamePrefix)))
    .filter((a) => input.StateValue === undefined || a.state.value === input.StateValue)
    .filter((a) => input.ActionPrefix === undefined || hasAction(a, String(input.ActionPrefix)));
  return pageOfAlarms(found, input, describe);
}

/** Parents are answered with name and ARN, children also with their state, as documented. */
function describeFamily(book: AlarmBook, input: Input): unknown {
  const allowed = new Set(['ChildrenOfAlarmName', 'ParentsOfAlarmName', 'MaxRecords', 'NextToken']);
  const others = Object.keys(input).filter((key) => input[key] !== undefined && !allowed.has(key));
  if (others.length > 0 || (input.ChildrenOfAlarmName !== undefined && input.ParentsOfAlarmName !== undefined)) {
    throw validation(
      `ChildrenOfAlarmName or ParentsOfAlarmName must be given alone, got ${Object.keys(input).join(', ')}.`,
    );
  }
  if (input.ParentsOfAlarmName !== undefined) {
    const parents = book.parentsOf(String(input.ParentsOfAlarmName));
    return pageOfAlarms(parents, input, (a) => ({ AlarmName: a.name, AlarmArn: a.arn }));
  }
  const parent = book.get(String(input.ChildrenOfAlarmName));
  if (parent?.kind !== 'composite') throw validation(`${String(input.ChildrenOfAlarmName)} is not a composite alarm.`);
  const children = alarmsIn(parent.rule).flatMap((name) => book.get(name) ?? []);
  return pageOfAlarms(children, input, (a) => ({
    AlarmName: a.name,
    AlarmArn: a.arn,
    StateValue: a.state.value,
    StateUpdatedTimestamp: new Date(a.state.at),
    StateTransitionedTimestamp: new Date(a.transitionedAt),
  }));
}

function pageOfAlarms(found: readonly Alarm[], input: Input, show: (alarm: Alarm) => unknown): unknown {
  const { items, next } = page(found, input.NextToken, count(input.MaxRecords, 'MaxRecords', RECORDS));
  return {
    MetricAlarms: items.filter((a) => a.kind === 'metric').map(show),
    CompositeAlarms: items.filter((a) => a.kind === 'composite').map(show),
    ...(next === undefined ? {} : { NextToken: next }),
  };
}

const hasAction = (alarm: Alarm, prefix: string): boolean =>
  [...alarm.alarmActions, ...alarm.okActions, ...alarm.insufficientDataActions].some((action) =>
    action.startsWith(prefix),
  );

function describeAlarmsForMetric(book: AlarmBook, input: Input): unknown {
  const id = {
    namespace: required(input, 'Namespace'),
    metricName: required(input, 'MetricName'),
    dimensions: dimensionsOf(input),
  };
  const MetricAlarms = book
    .list()
    .filter((a) => a.kind === 'metric')
    .filter((a) => {
      const c = a.configuration;
      if (c.Metrics !== undefined) return false;
      const own = { namespace: c.Namespace!, metricName: c.MetricName!, dimensions: c.Dimensions ?? [] };
      const same = (member: 'Statistic' | 'ExtendedStatistic' | 'Period' | 'Unit'): boolean =>
        input[member] === undefined || input[member] === c[member];
      return (
        keyOf(own) === keyOf(id) && same('Statistic') && same('ExtendedStatistic') && same('Period') && same('Unit')
      );
    })
    .map(describe);
  return { MetricAlarms };
}

function describeAlarmHistory(book: AlarmBook, input: Input): unknown {
  if (input.HistoryItemType !== undefined) oneOf(input.HistoryItemType, HISTORY_TYPES, 'historyItemType');
  const types = (input.AlarmTypes as readonly string[] | undefined) ?? ['MetricAlarm'];
  const from = input.StartDate === undefined ? -Infinity : epochSeconds(input.StartDate, 'StartDate') * 1000;
  const to = input.EndDate === undefined ? Infinity : epochSeconds(input.EndDate, 'EndDate') * 1000;
  const found = book
    .history()
    .filter(
      (item: HistoryItem) =>
        (input.AlarmName === undefined ? types.includes(item.AlarmType) : item.AlarmName === input.AlarmName) &&
        (input.HistoryItemType === undefined || item.HistoryItemType === input.HistoryItemType) &&
        item.Timestamp.getTime() >= from &&
        item.Timestamp.getTime() <= to,
    );
  const ordered = input.ScanBy === 'TimestampAscending' ? found.toReversed() : found;
  const { items, next } = page(
    ordered,
    input.NextToken,
    count(input.MaxRecords, 'MaxRecords', { ...RECORDS, byDefault: 100 }),
  );
  return { AlarmHistoryItems: items, ...(next === undefined ? {} : { NextToken: next }) };
}

function setAlarmState(book: AlarmBook, input: Input): void {
  const name = required(input, 'AlarmName');
  const value = oneOf(input.StateValue, STATES, 'stateValue') as StateValue;
  const reason = required(input, 'StateReason');
  const reasonData = input.StateReasonData === undefined ? undefined : String(input.StateReasonData);
  if (reasonData !== undefined && !isJson(reasonData))
    throw new AwsError('InvalidFormatFault', 'StateReasonData must be JSON.');
  const alarm = book.get(name);
  if (!alarm) throw noSuchAlarm(name);
  book.transition(alarm, { value, reason, reasonData });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Alarms that do not exist are passed over, as CloudWatch does. */
function setActions(book: AlarmBook, input: Input, enabled: boolean): void {
  for (const name of (input.AlarmNames ?? []) as readonly string[]) {
    const alarm = book.get(name);
    if (alarm) alarm.actionsEnabled = enabled;
  }
}

function deleteAlarms(book: AlarmBook, input: Input): void {
  const names = ((input.AlarmNames ?? []) as readonly string[]).map(alarmNameOf);
  const missing = names.filter((name) => !book.get(name));
  if (missing.length > 0 && names.length === 1) throw noSuchAlarm(missing[0]!);
  for (const name of names) {
    const depending = book.parentsOf(name).filter((parent) => !names.includes(parent.name));
    if (depending.length > 0) {
      throw validation(
        `Cannot delete ${name} as there are composite alarm(s) depending on it: ${depending.map((a) => a.name).join(', ')}.`,
      );
    }
  }
  // Composite alarms first, so that no rule is left without its alarms.
  const found = names.flatMap((name) => book.get(name) ?? []);
  for (const alarm of [...found].sort((a) => (a.kind === 'composite' ? -1 : 1))) book.delete(alarm);
}
