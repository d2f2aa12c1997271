import type { DeployedResource, TakeOver } from '../contract.ts';
import type { AlarmBook } from './alarm-book.ts';
import { alarmsIn, parseAlarmRule } from './composite-rule.ts';
import { putCompositeAlarm, putMetricAlarm, type Put } from './put-alarm.ts';

type Properties = Readonly<Record<string, unknown>>;

const METRIC_ALARM = 'AWS::CloudWatch::Alarm';
const COMPOSITE_ALARM = 'AWS::CloudWatch::CompositeAlarm';
const DASHBOARD = 'AWS::CloudWatch::Dashboard';
/** CloudFormation types of CloudWatch that are known and have nothing to be taken over. */
const IGNORED = ['AWS::CloudWatch::AnomalyDetector', 'AWS::CloudWatch::InsightRule', 'AWS::CloudWatch::MetricStream'];

export interface TakeOverOptions {
  readonly book: AlarmBook;
  readonly put: () => Put;
  readonly putDashboard: (name: string, body: string) => void;
  readonly log: (line: string) => void;
}

/**
 * Takes over the alarms and dashboards of deployed stacks. An alarm that a stack had and has no more is deleted; one that
 * did not change is left alone, with its state and history.
 */
export function takeOver(options: TakeOverOptions): TakeOver {
  /** By stack: the alarms adopted, with what they were made from. */
  const adopted = new Map<string, Map<string, string>>();

  function adoptStack(stack: string, resources: readonly DeployedResource[]): void {
    const before = adopted.get(stack) ?? new Map<string, string>();
    const now = new Map(resources.map((r) => [nameOf(r), JSON.stringify([r.properties, r.tags])]));
    adopted.set(stack, now);
    for (const resource of inOrder(resources)) {
      const name = nameOf(resource);
      if (before.get(name) !== now.get(name) || !options.book.get(name)) putAlarm(options, name, resource);
    }
    for (const name of before.keys()) {
      const gone = now.has(name) ? undefined : options.book.get(name);
      if (gone) options.book.delete(gone);
    }
  }

  return {
    adopt(resources) {
      const stacks = new Set([...resources.map((r) => r.stackName)]);
      for (const stack of stacks) {
        adoptStack(
          stack,
          resources.filter((r) => r.stackName === stack && [METRIC_ALARM, COMPOSITE_ALARM].includes(r.type)),
        );
      }
      for (const r of resources) {
        if (r.type === DASHBOARD)
          options.putDashboard(String(r.properties.DashboardName ?? r.physicalId), bodyOf(r.properties));
        if (IGNORED.includes(r.type))
          options.log(`${r.stackName}/${r.logicalId}: ${r.type} has no effect in the local account`);
      }
      return Promise.resolve();
    },
  };
}

const nameOf = (resource: DeployedResource): string => String(resource.properties.AlarmName ?? resource.physicalId);

const bodyOf = ({ DashboardBody: body }: Properties): string =>
  typeof body === 'string' ? body : JSON.stringify(body);

/** Metric alarms first, then composite ones after those that their rules name. */
function inOrder(resources: readonly DeployedResource[]): readonly DeployedResource[] {
  const composite = new Map(resources.filter((r) => r.type === COMPOSITE_ALARM).map((r) => [nameOf(r), r]));
  const ordered = new Set<DeployedResource>(resources.filter((r) => r.type === METRIC_ALARM));
  const visit = (resource: DeployedResource, path: readonly DeployedResource[]): void => {
    if (path.includes(resource)) return;
    for (const child of alarmsIn(parseAlarmRule(String(resource.properties.AlarmRule)))) {
      const inner = composite.get(child);
      if (inner) visit(inner, [...path, resource]);
    }
    ordered.add(resource);
  };
  for (const resource of composite.values()) visit(resource, []);
  return [...ordered];
}

function putAlarm(options: TakeOverOptions, name: string, resource: DeployedResource): void {
  const input = { ...(normalise(resource.properties) as Properties), AlarmName: name };
  try {
    const alarm =
      resource.type === METRIC_ALARM ? putMetricAlarm(options.put(), input) : putCompositeAlarm(options.put(), input);
    for (const [key, value] of Object.entries(resource.tags)) alarm.tags.set(key, value);
  } catch (error) {
    options.log(`${resource.stackName}/${resource.logicalId}: alarm ${name} could not be taken over: ${String(error)}`);
  }
}

const NUMBERS = new Set([
  'Threshold',
  'Period',
  'EvaluationPeriods',
  'DatapointsToAlarm',
  'ActionsSuppressorWaitPeriod',
  'ActionsSuppressorExtensionPeriod',
]);
const BOOLEANS = new Set(['ActionsEnabled', 'ReturnData']);

/** CloudFormation lets numbers and booleans be text; the API does not. */
function normalise(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => normalise(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normalise(inner, name)]));
  }
  if (typeof value !== 'string') return value;
  if (NUMBERS.has(key)) return Number(value);
  return BOOLEANS.has(key) ? value === 'true' : value;
}
