import type { Criterion } from '../../layers/core/criterion.ts';
import { Evidence } from '../../layers/core/evidence.ts';
import { Resource } from '../../layers/core/inventory.ts';
import { resourceTypeOf } from '../../layers/core/arn.ts';
import type { StoppedTask } from '../../layers/core/signal.ts';
import type { Instant } from '../../layers/core/units.ts';

/** A service `prod/api` whose trouble begins at noon; evidence is taken five minutes later. */
export const SERVICE = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
export const CALLEE = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/store';
export const ALIAS = 'arn:aws:lambda:eu-west-1:111122223333:function:quote:live';
export const PARAMETER = 'arn:aws:ssm:eu-west-1:111122223333:parameter/api/limit';
export const revision = (n: number): string => `arn:aws:ecs:eu-west-1:111122223333:task-definition/api:${n}`;

const NOON = Date.UTC(2026, 10, 1, 12);
/** Seconds after noon. */
export const at = (seconds: number): Instant => new Date(NOON + seconds * 1000).toISOString();
export const ONSET = at(0);
export const epochAt = (seconds: number): number => NOON / 1000 + seconds;

export const criterion = (over: Partial<Criterion> = {}): Criterion => ({
  id: 'api-errors',
  resource: SERVICE,
  role: 'target',
  queries: [{ id: 'm', namespace: 'App', metric: 'Errors', dimensions: {}, stat: 'Sum', period: 10 }],
  returns: 'm',
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  period: 10,
  missing: 'notBreaching',
  trafficFloor: 1,
  ...over,
});

export const alarm = (name: string, criteria: readonly Criterion[]) => ({
  arn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
  name,
  kind: 'metric' as const,
  criteria: [...criteria],
});

export const resourceOf = (over: Partial<Resource> & { arn?: string } = {}): Resource =>
  Resource.parse({
    arn: SERVICE,
    type: resourceTypeOf(over.arn ?? SERVICE),
    mode: 'heal',
    modeFrom: 'tag',
    fleet: '111122223333',
    alarms: [alarm('api-errors', [criterion()])],
    parameters: [{ arn: PARAMETER, readAt: 'start' }],
    seenAt: at(-600),
    ...over,
  });

export const stop = (seconds: number, over: Partial<StoppedTask> = {}) => ({
  resource: SERVICE,
  task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/${seconds}`,
  exitCode: 1,
  stopCode: 'EssentialContainerExited',
  revision: revision(7),
  startedAt: at(seconds - 12),
  stoppedAt: at(seconds),
  ...over,
});

export const service = (over: object = {}) => ({
  resource: SERVICE,
  desired: 2,
  running: 2,
  pending: 0,
  revision: revision(7),
  memory: 512,
  cpu: 256,
  deploymentInProgress: false,
  roles: [],
  steadyRevisions: [revision(7), revision(6)],
  tasks: [1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/t${n}`,
    startedAt: at(-3600),
    targetHealth: 'healthy',
  })),
  ...over,
});

/** A series every `period` seconds; `value` gets the seconds after the onset. */
export const series = (
  over: { criterion?: string; metric?: string; period?: number; from?: number; to?: number; resource?: string },
  value: (seconds: number) => number,
) => {
  const {
    criterion: id = 'api-errors',
    metric = 'Errors',
    period = 10,
    from = -600,
    to = 290,
    resource = SERVICE,
  } = over;
  const times = Array.from({ length: Math.floor((to - from) / period) + 1 }, (_, n) => from + n * period);
  return {
    resource,
    criterion: id,
    metric,
    period,
    points: times.map((time): [number, number] => [epochAt(time), value(time)]),
  };
};

export const template = (text: string, after = 20, before = 0) => ({
  resource: SERVICE,
  template: text,
  before,
  after,
  example: text,
});

export const evidenceOf = (over: object = {}): Evidence =>
  Evidence.parse({
    schema: 1,
    incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    resource: SERVICE,
    takenAt: at(300),
    window: { from: at(-1800), to: at(300), onset: ONSET },
    resources: [resourceOf()],
    openIncidents: {},
    signals: [],
    series: [series({}, (time) => (time < 0 ? 0 : 40))],
    logs: [],
    changes: [],
    stoppedTasks: [],
    services: [service()],
    aliases: [],
    gaps: [],
    ...over,
  });

let events = 0;
export const change = (kind: string, seconds: number, over: object = {}) => ({
  resource: SERVICE,
  kind,
  at: at(seconds),
  eventId: `e${(events += 1)}`,
  ...over,
});
export const deployment = (seconds: number, from = 6, to = 7) =>
  change('deployment-started', seconds, { from: revision(from), to: revision(to) });
