import { stateChangeEvent } from '../../sandbox/cloudwatch/alarm-events.ts';
import type { AlarmState, MetricAlarm, MetricAlarmConfiguration } from '../../sandbox/cloudwatch/alarm.ts';
import type { TreatMissingData } from '../../sandbox/cloudwatch/evaluate.ts';
import { judge } from '../../sandbox/cloudwatch/judge.ts';
import { QuerySet, type MetricDataQuery } from '../../sandbox/cloudwatch/queries.ts';
import { TAGS } from '../../layers/core/mode.ts';
import { hex } from './chance.ts';
import { hasBalancer, type Fleet, type Service } from './model/fleet.ts';
import { OWN } from './model/measure.ts';
import { TICK } from './spec.ts';

/** The owners' alarms, as sandbox/shop/alarms.ts has them, and those on unhealthy targets and on throttled functions, which AWS recommends. */

interface Limit {
  readonly name: string;
  readonly queries: readonly MetricDataQuery[];
  readonly threshold: number;
  readonly below?: boolean;
  readonly missing?: TreatMissingData;
  /** Bad periods, of how many. */
  readonly periods?: readonly [bad: number, of: number];
  /** The resource it is about, where the metric does not say so. */
  readonly about?: string;
}

type Dimensions = Readonly<Record<string, string>>;
const MINUTE = 60;
const BEFORE = 'It was OK before the simulation began.';

const metric = (
  Id: string,
  Namespace: string,
  MetricName: string,
  dimensions: Dimensions,
  Stat: string,
  Period = MINUTE,
): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: { Namespace, MetricName, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) },
    Period,
    Stat,
  },
  ReturnData: true,
});

/** Share of `bad` in `all`, in per cent; no requests are no failure. */
const percent = (bad: MetricDataQuery, all: MetricDataQuery): MetricDataQuery[] => [
  { Id: 'share', Expression: 'IF(all > 0, 100 * bad / all, 0)', ReturnData: true },
  { ...bad, Id: 'bad', ReturnData: false },
  { ...all, Id: 'all', ReturnData: false },
];

function limitsOf(fleet: Fleet, service: Service): Limit[] {
  const { name, alarms } = service.spec;
  const about = service.arn;
  const ecs = (id: string) => [
    metric('m1', 'AWS/ECS', id, { ClusterName: fleet.names.cluster, ServiceName: name }, 'Average'),
  ];
  const own = (id: string, stat: string) => metric('m1', OWN, id, { Service: name }, stat, TICK);
  const failing: Limit = {
    name: `${name}-failing-fast`,
    queries: percent(own('Errors', 'Sum'), own('Requests', 'Sum')),
    threshold: 10,
    about,
  };
  const limits: Limit[] = [
    { name: `${name}-cpu`, queries: ecs('CPUUtilization'), threshold: 80 },
    { name: `${name}-memory`, queries: ecs('MemoryUtilization'), threshold: 80 },
  ];
  if (alarms === 'fast')
    limits.push({ name: `${name}-memory-fast`, queries: [own('Memory', 'Maximum')], threshold: 80, about });
  if (!hasBalancer(service)) return [...limits, failing, ageLimit(name, service.spec.consumes!, about)];
  limits.push(...balancerLimits(fleet, name));
  if (alarms === 'slow') return limits;
  return [
    ...limits,
    failing,
    { name: `${name}-slow-fast`, queries: [own('Latency', 'p90')], threshold: 2000, about, periods: [3, 4] },
  ];
}

const ageLimit = (name: string, queue: string, about: string): Limit => ({
  name: `${name}-queue-age`,
  queries: [metric('m1', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queue }, 'Maximum')],
  threshold: 60,
  about,
});

function balancerLimits({ names }: Fleet, name: string): Limit[] {
  const dimensions = { LoadBalancer: names.balancerDimension(name), TargetGroup: names.groupDimension(name) };
  const elb = (id: string, stat: string) => metric('m1', 'AWS/ApplicationELB', id, dimensions, stat);
  return [
    {
      name: `${name}-5xx`,
      queries: percent(elb('HTTPCode_Target_5XX_Count', 'Sum'), elb('RequestCount', 'Sum')),
      threshold: 5,
    },
    { name: `${name}-latency`, queries: [elb('TargetResponseTime', 'p90')], threshold: 2 },
    {
      name: `${name}-targets`,
      queries: [elb('HealthyHostCount', 'Minimum')],
      threshold: 1,
      below: true,
      missing: 'missing',
    },
    { name: `${name}-unhealthy`, queries: [elb('UnHealthyHostCount', 'Maximum')], threshold: 0, periods: [3, 3] },
  ];
}

/** All alarms of the account. */
export class Alarms {
  readonly all: readonly MetricAlarm[];
  readonly #fleet: Fleet;
  readonly #fast: readonly MetricAlarm[];

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    const limits = [...fleet.services.values()].flatMap((service) => limitsOf(fleet, service));
    const functions = [...fleet.functions.values()].flatMap(({ spec: { name, alias } }): Limit[] => {
      const dimensions = { FunctionName: name, Resource: `${name}:${alias}` };
      const lambda = (id: string) => metric('m1', 'AWS/Lambda', id, dimensions, 'Sum');
      return [
        { name: `${name}-errors`, queries: percent(lambda('Errors'), lambda('Invocations')), threshold: 5 },
        { name: `${name}-throttles`, queries: [{ ...lambda('Throttles'), ReturnData: true }], threshold: 0 },
      ];
    });
    this.all = [...limits, ...functions]
      .map((limit) => alarmFrom(fleet, limit))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#fast = this.all.filter((alarm) => alarm.queries.periodOf(alarm.watched) < MINUTE);
  }

  /** Evaluates what is due: all at a full minute, those of ten seconds at each step. Transitions are told on the bus. */
  evaluate(): void {
    const { now } = this.#fleet;
    const due = (now / 1000) % MINUTE === 0 ? this.all : this.#fast;
    for (const alarm of due) {
      const state = judge(alarm, now);
      if (state) this.#enter(alarm, { ...state, at: now });
    }
  }

  #enter(alarm: MetricAlarm, state: AlarmState): void {
    const previous = alarm.state;
    alarm.state = state;
    alarm.transitionedAt = state.at;
    this.#fleet.news.tell(state.at, stateChangeEvent(alarm, previous));
  }
}

function alarmFrom(fleet: Fleet, limit: Limit): MetricAlarm {
  const {
    name,
    queries,
    threshold,
    below = false,
    missing = 'notBreaching',
    periods: [bad, of] = [2, 3],
    about,
  } = limit;
  const common = {
    EvaluationPeriods: of,
    DatapointsToAlarm: bad,
    Threshold: threshold,
    ComparisonOperator: below ? 'LessThanThreshold' : 'GreaterThanThreshold',
    TreatMissingData: missing,
  };
  return {
    kind: 'metric',
    name,
    arn: fleet.names.alarm(name),
    tags: new Map(about ? [[TAGS.resource, about]] : []),
    actionsEnabled: true,
    okActions: [],
    alarmActions: [],
    insufficientDataActions: [],
    configuredAt: fleet.now,
    // The account is older than the simulation: what could be judged was.
    state: { value: 'OK', reason: BEFORE, at: fleet.now },
    transitionedAt: fleet.now,
    configuration: { ...watching(queries), ...common },
    queries: new QuerySet(queries, fleet.metrics),
    watched: queries[0]!.Id,
    metricId: hex(fleet.random, 32),
  };
}

/** A single metric stands in an alarm's configuration without an id. */
function watching(queries: readonly MetricDataQuery[]): Partial<MetricAlarmConfiguration> {
  const [only] = queries;
  if (queries.length > 1 || !only?.MetricStat) return { Metrics: queries };
  const { Metric, Period, Stat } = only.MetricStat;
  const { Namespace, MetricName, Dimensions = [] } = Metric;
  const stat = Stat.startsWith('p') ? { ExtendedStatistic: Stat } : { Statistic: Stat };
  return { Namespace: Namespace!, MetricName: MetricName!, Dimensions, Period, ...stat };
}
