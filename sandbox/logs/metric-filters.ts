import {
  DeleteMetricFilterCommand,
  PutMetricFilterCommand,
  paginateDescribeMetricFilters,
  type CloudWatchLogsClient,
  type MetricFilter,
  type MetricTransformation,
} from '@aws-sdk/client-cloudwatch-logs';

import type { DeployedResource, MetricPoint } from '../contract.ts';
import { compilePattern, valueAt, type FilterPattern, type Match } from './filter-pattern.ts';

/** A log line with its time. */
export interface LogLine {
  readonly time: Date;
  readonly text: string;
}

interface Filter {
  readonly definition: string;
  readonly matches: FilterPattern;
  readonly transformations: readonly MetricTransformation[];
  /** Minutes (epoch) in which lines came, and whether any matched: what default values are published from. */
  readonly minutes: Map<number, boolean>;
}

const MINUTE = 60_000;

/**
 * The account's metric filters. They are kept in CloudWatch Logs itself, which stores them and does nothing with them: what
 * is put there by a deploy or through the API is what counts.
 */
export class MetricFilters {
  readonly #client: CloudWatchLogsClient;
  readonly #log: (line: string) => void;
  readonly #adopted = new Map<string, Set<string>>();
  readonly #reported = new Set<string>();
  #byGroup = new Map<string, Map<string, Filter>>();

  constructor(client: CloudWatchLogsClient, log: (line: string) => void) {
    this.#client = client;
    this.#log = log;
  }

  /** Reads the filters afresh. */
  async refresh(): Promise<void> {
    const byGroup = new Map<string, Map<string, Filter>>();
    for await (const page of paginateDescribeMetricFilters({ client: this.#client }, {})) {
      for (const found of page.metricFilters ?? []) {
        const group = found.logGroupName ?? '';
        const filter = this.#compiled(found, this.#byGroup.get(group)?.get(found.filterName ?? ''));
        if (filter)
          byGroup.set(group, (byGroup.get(group) ?? new Map<string, Filter>()).set(found.filterName ?? '', filter));
      }
    }
    this.#byGroup = byGroup;
  }

  #compiled(found: MetricFilter, before: Filter | undefined): Filter | undefined {
    const definition = JSON.stringify([found.filterPattern, found.metricTransformations]);
    if (before?.definition === definition) return before;
    try {
      return {
        definition,
        matches: compilePattern(found.filterPattern ?? ''),
        transformations: found.metricTransformations ?? [],
        minutes: new Map(),
      };
    } catch (error) {
      const line = `metric filter ${found.filterName} of ${found.logGroupName} has no effect: ${String(error)}`;
      if (!this.#reported.has(line)) this.#log(line);
      this.#reported.add(line);
      return undefined;
    }
  }

  /** Puts the filters of deployed stacks, and deletes those that a stack had and has no more. Idempotent. */
  async adopt(resources: readonly DeployedResource[]): Promise<void> {
    for (const stack of new Set(resources.map((r) => r.stackName))) {
      const filters = resources.filter((r) => r.stackName === stack && r.type === 'AWS::Logs::MetricFilter');
      const now = new Set<string>();
      for (const resource of filters) {
        const put = putCommandOf(resource);
        now.add(JSON.stringify([put.logGroupName, put.filterName]));
        await this.#put(put, `${stack}/${resource.logicalId}`);
      }
      for (const key of this.#adopted.get(stack) ?? []) {
        const [logGroupName, filterName] = JSON.parse(key) as [string, string];
        if (!now.has(key)) await this.#client.send(new DeleteMetricFilterCommand({ logGroupName, filterName }));
      }
      this.#adopted.set(stack, now);
    }
    await this.refresh();
  }

  async #put(command: ReturnType<typeof putCommandOf>, at: string): Promise<void> {
    try {
      await this.#client.send(new PutMetricFilterCommand(command));
    } catch (error) {
      this.#log(`${at}: metric filter of ${command.logGroupName} could not be taken over: ${String(error)}`);
    }
  }

  /** The metrics that lines of a group make. */
  apply(group: string, lines: readonly LogLine[]): readonly MetricPoint[] {
    const filters = this.#byGroup.get(group);
    if (!filters) return [];
    return [...filters.values()].flatMap((filter) =>
      lines.flatMap((line) => {
        const match = filter.matches(line.text);
        const minute = Math.floor(line.time.getTime() / MINUTE);
        filter.minutes.set(minute, match !== undefined || filter.minutes.get(minute) === true);
        return match ? filter.transformations.flatMap((t) => pointOf(t, match, line)) : [];
      }),
    );
  }

  /** Default values of filters for minutes that are over, in which lines came and none matched. */
  closeMinutes(before: Date): readonly MetricPoint[] {
    const end = Math.floor(before.getTime() / MINUTE);
    return [...this.#byGroup.values()].flatMap((filters) =>
      [...filters.values()].flatMap((filter) =>
        [...filter.minutes].flatMap(([minute, matched]) => {
          if (minute >= end) return [];
          filter.minutes.delete(minute);
          return matched ? [] : filter.transformations.flatMap((t) => defaultOf(t, new Date(minute * MINUTE)));
        }),
      ),
    );
  }
}

function putCommandOf({ properties, physicalId }: DeployedResource) {
  const transformations = (properties.MetricTransformations ?? []) as readonly Readonly<Record<string, unknown>>[];
  return {
    logGroupName: String(properties.LogGroupName),
    filterName: String(properties.FilterName ?? physicalId),
    filterPattern: String(properties.FilterPattern ?? ''),
    metricTransformations: transformations.map((t) => ({
      metricName: String(t.MetricName),
      metricNamespace: String(t.MetricNamespace),
      metricValue: String(t.MetricValue),
      ...(t.DefaultValue === undefined ? {} : { defaultValue: Number(t.DefaultValue) }),
      ...(t.Unit === undefined ? {} : { unit: t.Unit as NonNullable<MetricTransformation['unit']> }),
      ...(t.Dimensions === undefined ? {} : { dimensions: dimensionsOf(t.Dimensions) }),
    })),
  };
}

const dimensionsOf = (given: unknown): Record<string, string> =>
  Object.fromEntries((given as readonly { Key: string; Value: string }[]).map((d) => [d.Key, d.Value]));

/** `metricValue` is a number or a selector into the JSON line; so are the values of dimensions. */
function pointOf(t: MetricTransformation, match: Match, line: LogLine): readonly MetricPoint[] {
  const read = (text: string): unknown => (text.startsWith('$') ? valueAt(match.json, text) : text);
  const value = Number(read(t.metricValue ?? ''));
  const dimensions = Object.entries(t.dimensions ?? {}).map(([name, selector]) => [name, read(selector)] as const);
  if (!Number.isFinite(value) || dimensions.some(([, v]) => v === undefined || v === null)) return [];
  return [
    {
      ...nameOf(t),
      dimensions: Object.fromEntries(dimensions.map(([name, v]) => [name, String(v)])),
      value,
      timestamp: minuteOf(line.time),
    },
  ];
}

function defaultOf(t: MetricTransformation, timestamp: Date): readonly MetricPoint[] {
  return t.defaultValue === undefined ? [] : [{ ...nameOf(t), dimensions: {}, value: t.defaultValue, timestamp }];
}

const minuteOf = (time: Date): Date => new Date(Math.floor(time.getTime() / MINUTE) * MINUTE);

const nameOf = (t: MetricTransformation) => ({
  namespace: t.metricNamespace ?? '',
  metricName: t.metricName ?? '',
  ...(t.unit === undefined ? {} : { unit: t.unit }),
});
