import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import {
  ALIAS,
  CALLEE,
  PARAMETER,
  SERVICE,
  alarm,
  at,
  change,
  criterion,
  deployment,
  resourceOf,
  revision,
  series,
  service,
  stop,
  template,
} from '../evidence.ts';

const FUNCTION = ALIAS.replace(/:live$/, '');
export const starved = { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' };
const rising = series(
  { criterion: 'context:MemoryUtilization', metric: 'MemoryUtilization', from: -600, to: 290 },
  (time) => 30 + (time + 600) / 15,
);
const flat = series({ criterion: 'context:MemoryUtilization', metric: 'MemoryUtilization' }, () => 45);
const requests = (before: number, after: number) =>
  series({ criterion: 'api-errors#traffic', metric: 'Requests' }, (time) => (time < 0 ? before : after));
const cpu = (after: number) =>
  series({ criterion: 'context:CPUUtilization', metric: 'CPUUtilization' }, (time) => (time < 0 ? 30 : after));
export const errors = series({}, (time) => (time < 0 ? 0 : 40));
export const written = (seconds: number) =>
  change('parameter-written', seconds, { resource: PARAMETER, from: '2', to: '3' });
const restarted = {
  tasks: [1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/n${n}`,
    startedAt: at(-20),
    targetHealth: 'healthy',
  })),
};
const callee = resourceOf({
  arn: CALLEE,
  alarms: [alarm('store-errors', [criterion({ id: 'store-errors', resource: CALLEE })])],
  parameters: [],
});
export const calling = { resources: [resourceOf({ dependsOn: [CALLEE] }), callee] };
const calleeBad = series({ resource: CALLEE, criterion: 'store-errors' }, (time) => (time < -20 ? 0 : 50));
const aliasResource = resourceOf({
  arn: ALIAS,
  alarms: [alarm('quote-errors', [criterion({ id: 'quote-errors', resource: ALIAS })])],
  parameters: [],
});
export const aliasAt = (version: string) => ({
  resource: ALIAS,
  resources: [aliasResource],
  services: [],
  series: [series({ resource: ALIAS, criterion: 'quote-errors' }, (time) => (time < 0 ? 0 : 40))],
  aliases: [{ resource: ALIAS, version, previous: [{ version: '4', until: at(-60) }], routing: {} }],
});
const unwell = (...which: number[]) => ({
  tasks: [0, 1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/t${n}`,
    startedAt: at(-3600),
    targetHealth: which.includes(n) ? 'unhealthy' : 'healthy',
  })),
});

/** ECS gives up on it; it did not end by itself. */
const unanswering = {
  stopCode: 'ServiceSchedulerInitiated',
  reason: 'Task failed ELB health checks in (target-group api)',
  exitCode: 137,
};
const beginning = {
  task: 'arn:aws:ecs:eu-west-1:111122223333:task/prod/new',
  startedAt: at(280),
  targetHealth: 'initial',
};
/** Errors by metric math, in per cent of the requests. */
const failing = (percent: number) => ({
  resources: [
    resourceOf({
      alarms: [
        alarm('api-failing', [
          criterion({
            id: 'api-failing',
            queries: [
              { id: 'e', namespace: 'App', metric: 'Errors', dimensions: {}, stat: 'Sum', period: 10 },
              { id: 'r', namespace: 'App', metric: 'Requests', dimensions: {}, stat: 'Sum', period: 10 },
              { id: 'share', expression: '100 * e / r', period: 10 },
            ],
            returns: 'share',
          }),
        ]),
      ],
    }),
  ],
  series: [series({ criterion: 'api-failing', metric: 'share' }, (time) => (time < 0 ? 0 : percent))],
});

const foretold = (series: string, summary: string) => ({
  kind: 'forecast' as const,
  id: 'foretold',
  at: at(0),
  resource: SERVICE,
  summary,
  detector: 'exhaustion',
  expectedAt: at(2400),
  foretold: {
    series,
    limit: { value: 100, when: 'above' as const },
    value: 60,
    slope: 0.02,
    inSeconds: 2000,
    earliest: 1800,
    latest: 2200,
    probability: 0.99,
    horizon: 7200,
  },
});
const TABLE = 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders';
const refused = {
  kind: 'anomaly' as const,
  id: 'refused',
  at: at(0),
  resource: TABLE,
  summary: 'AWS refuses calls to orders.',
  detector: 'refusals',
  score: 1,
  carriers: [{ series: 'ReadThrottleEvents', value: 20, usual: { low: 0, high: 0 } }],
};
export const notice = (over: Partial<HealthNotice> = {}): HealthNotice => ({
  eventArn: 'arn:aws:health:eu-west-1::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/1',
  page: 1,
  service: 'ECS',
  region: 'eu-west-1',
  code: 'AWS_ECS_OPERATIONAL_ISSUE',
  category: 'issue',
  status: 'open',
  from: at(-300),
  updatedAt: at(0),
  said: 'Increased error rates.',
  resources: [],
  ...over,
});
const stalled = (running: number) => ({
  kind: 'deployment-stalled' as const,
  id: 'stalled',
  at: at(0),
  resource: SERVICE,
  summary: 'The deployment does not come to an end.',
  deployment: 'ecs-svc/1',
  running,
  desired: 2,
  failed: 0,
});
export const said = (category: string, text: string, example = text) => ({ ...template(text, 40), category, example });
const OTHER_CALLEE = CALLEE.replace('store', 'stock');
export const freshTasks = (seconds: number) =>
  [1, 2].map((n) => ({
    task: `arn:aws:ecs:eu-west-1:111122223333:task/prod/f${n}`,
    startedAt: at(seconds),
    targetHealth: 'healthy',
  }));
const longLived = { exitCode: 137, reason: 'OutOfMemoryError: killed', startedAt: at(-3600) };
const consuming = series(
  { criterion: 'api-age', metric: 'ApproximateAgeOfOldestMessage', period: 60, from: -600, to: 60 },
  () => 0,
);

/** What the evidence shows, and the fault it speaks for most. */
export const CASES: readonly (readonly [string, Fault, object])[] = [
  [
    'connections that will run out',
    'connection-leak',
    { signals: [foretold('limit:Connections', 'Connections run out.')] },
  ],
  [
    'log lines that say that no connection is left, without more work or a change',
    'connection-leak',
    { logs: [template('Timeout acquiring a connection. The pool is probably full')] },
  ],
  [
    'memory that will run out, as a forecast alone says',
    'memory-leak',
    { signals: [foretold('memory', 'Memory runs out.')] },
  ],
  [
    'errors that are new in a revision deployed a minute before',
    'bad-deployment',
    { changes: [deployment(-60)], logs: [template('TypeError: x is undefined')] },
  ],
  [
    'tasks of a new revision that keep dying',
    'bad-deployment',
    { changes: [deployment(-30)], stoppedTasks: [stop(10), stop(30), stop(50)], logs: [template('boom')] },
  ],
  [
    'a deployment that ECS gave up',
    'bad-deployment',
    {
      changes: [deployment(-60)],
      signals: [
        {
          kind: 'deployment-failed',
          id: 's',
          at: at(10),
          resource: resourceOf().arn,
          summary: 'failed',
          deployment: 'd',
          reason: 'r',
        },
      ],
    },
  ],
  [
    'a deployment that does not come to an end',
    'bad-deployment',
    { changes: [deployment(0)], services: [service({ deploymentInProgress: true })], signals: [stalled(0)] },
  ],
  [
    'a deployment of the same revision that cannot start its tasks',
    'placement-failure',
    {
      changes: [change('deployment-started', 0, { from: revision(7), to: revision(7) })],
      stoppedTasks: [1, 2, 3].map((n) => stop(60 * n, { stopCode: 'TaskFailedToStart', exitCode: undefined })),
      signals: [stalled(0)],
    },
  ],
  [
    'a deployment whose tasks all run, while those before do not end',
    'unknown',
    { changes: [deployment(0)], services: [service({ deploymentInProgress: true })], signals: [stalled(2)] },
  ],
  [
    'errors while AWS reports an issue of the service that it runs on',
    'external-outage',
    { health: [notice()], logs: [template('the request could not be completed')] },
  ],
  [
    'nothing but an issue of AWS that names the resource',
    'external-outage',
    { health: [notice({ resources: [SERVICE] })], series: [] },
  ],
  [
    'log lines that say that AWS refuses calls',
    'throttling',
    { logs: [template('ThrottlingException: Rate exceeded (request <*>)')] },
  ],
  [
    'requests that grow while AWS refuses calls',
    'throttling',
    {
      logs: [template('ThrottlingException: Rate exceeded (request <*>)')],
      series: [series({ metric: 'Requests', criterion: 'api-errors#traffic' }, (time) => (time < 0 ? 10 : 18))],
    },
  ],
  [
    'requests that grow until they wait in vain for a connection',
    'overload',
    {
      logs: [template('no free connection in the pool after <*> ms')],
      series: [series({ metric: 'Requests', criterion: 'api-errors#traffic' }, (time) => (time < 0 ? 10 : 25))],
    },
  ],
  ['an address where nothing answers', 'dependency-failure', { logs: [template('connect EHOSTUNREACH <*>')] }],
  [
    'calls that AWS refuses',
    'throttling',
    {
      resource: TABLE,
      resources: [resourceOf({ arn: TABLE, alarms: [], parameters: [] })],
      services: [],
      signals: [refused],
      series: [
        series(
          {
            resource: TABLE,
            criterion: 'context:ReadThrottleEvents',
            metric: 'ReadThrottleEvents',
            period: 60,
            from: 0,
          },
          () => 20,
        ),
      ],
    },
  ],
  ['tasks that keep dying without any change', 'crash-loop', { stoppedTasks: [stop(0), stop(20), stop(40)] }],
  [
    'tasks that keep dying, hours after a deployment',
    'crash-loop',
    { changes: [deployment(-4 * 3600)], stoppedTasks: [stop(0), stop(20), stop(40)] },
  ],
  [
    'a parameter written, then restarted tasks that fail on it',
    'bad-configuration',
    { changes: [written(-60)], services: [service(restarted)], logs: [template('invalid setting limit')] },
  ],
  [
    'a parameter written, then crashing tasks',
    'bad-configuration',
    { changes: [written(-60)], stoppedTasks: [stop(0), stop(20)], logs: [template('cannot parse configuration')] },
  ],
  [
    'memory that rises until tasks are killed',
    'memory-leak',
    { series: [errors, rising], stoppedTasks: [stop(0, { ...starved, startedAt: at(-900) })] },
  ],
  ['memory that rises to the alarm, before any task died', 'memory-leak', { series: [rising] }],
  [
    'memory that rises, minutes after an innocent deployment',
    'memory-leak',
    { changes: [deployment(-600)], series: [rising] },
  ],
  [
    'every task out of memory as soon as it starts',
    'memory-limit',
    { series: [errors, flat], stoppedTasks: [stop(0, starved), stop(15, starved), stop(30, starved)] },
  ],
  [
    'twice the requests, a busy processor and a full queue',
    'overload',
    {
      series: [errors, requests(100, 220), cpu(92)],
      logs: [template('Busy: every slot is taken and the queue is full')],
    },
  ],
  [
    'twice the requests after an innocent scale-in',
    'overload',
    { series: [errors, requests(100, 220), cpu(92)], changes: [change('scaled', -300, { to: 'desiredCount=2' })] },
  ],
  [
    'an alias moved shortly before',
    'bad-function-version',
    { ...aliasAt('5'), changes: [change('alias-moved', -60, { resource: ALIAS, from: '4', to: '5' })] },
  ],
  [
    'errors of a function whose code was updated a minute before',
    'bad-function-version',
    {
      resource: FUNCTION,
      resources: [resourceOf({ arn: FUNCTION, alarms: [], parameters: [] })],
      services: [],
      series: [],
      changes: [change('code-updated', -60, { resource: FUNCTION })],
      logs: [{ ...template('TypeError: x is undefined'), resource: FUNCTION }],
    },
  ],
  ['one unhealthy task of three', 'bad-task', { services: [service({ ...unwell(1), desired: 3, running: 3 })] }],
  [
    'a callee with an open incident, named in the log',
    'dependency-failure',
    {
      ...calling,
      openIncidents: { [CALLEE]: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' },
      series: [errors, calleeBad],
      logs: [template('store answered <*>')],
    },
  ],
  [
    'a callee that the log names, a minute after an innocent deployment',
    'dependency-failure',
    { ...calling, changes: [deployment(-70)], logs: [template('CallFailed: store answered <*>')] },
  ],
  [
    'a new revision that calls its callee wrongly, while the callee is well',
    'bad-deployment',
    {
      ...calling,
      changes: [deployment(-30)],
      series: [errors, series({ resource: CALLEE, criterion: 'store-errors' }, () => 0)],
      logs: [template('CallFailed: store answered 400')],
    },
  ],
  [
    'a callee that only the log names yet',
    'dependency-failure',
    { ...calling, logs: [template('CallFailed: store answered <*>')] },
  ],
  [
    'two callees that the log names by halves, a minute after an innocent deployment',
    'dependency-failure',
    {
      resources: [
        resourceOf({ dependsOn: [CALLEE, OTHER_CALLEE] }),
        callee,
        resourceOf({ arn: OTHER_CALLEE, alarms: [], parameters: [] }),
      ],
      series: [errors, calleeBad],
      changes: [deployment(-70)],
      logs: [
        said('dependency', 'CallFailed: store answered <*>'),
        said('dependency', 'CallFailed: stock answered <*>'),
      ],
    },
  ],
  [
    'a provider that nobody watches',
    'dependency-failure',
    {
      ...calling,
      logs: [said('dependency', 'CallFailed: payments answered <*>', 'CallFailed: payments answered 503')],
    },
  ],
  [
    'rows that cannot be read, minutes after an innocent deployment',
    'data-corruption',
    {
      changes: [deployment(-150)],
      services: [service({ tasks: freshTasks(-110) })],
      logs: [said('data', 'row <*> has no currency: checksum mismatch')],
    },
  ],
  [
    'memory that suffices no more all at once',
    'memory-limit',
    { series: [errors, flat], stoppedTasks: [stop(2, longLived), stop(3, longLived)] },
  ],
  [
    'work that a queue brings again because it fails',
    'stale-connection',
    {
      series: [errors, requests(40, 80), consuming],
      logs: [template('ECONNRESET: the pooled connection was reset')],
    },
  ],
  ['a callee that is bad since just before', 'dependency-failure', { ...calling, series: [errors, calleeBad] }],
  [
    'tasks that cannot be started',
    'placement-failure',
    {
      stoppedTasks: [0, 20, 40].map((time) =>
        stop(time, { stopCode: 'TaskFailedToStart', reason: 'CannotPullContainerError' }),
      ),
    },
  ],
  [
    'tasks that all run and answer nothing',
    'deadlock',
    { services: [service({ ...unwell(0, 1, 2), desired: 3, running: 3 })] },
  ],
  [
    'tasks that answer nothing, and that ECS stops for it, again and again',
    'deadlock',
    {
      services: [service({ ...unwell(0, 1, 2), desired: 3, running: 3 })],
      stoppedTasks: [stop(60, unanswering), stop(70, unanswering), stop(80, unanswering)],
    },
  ],
  [
    'tasks that answer nothing, while another begins',
    'deadlock',
    { services: [service({ tasks: [...unwell(0, 1).tasks.slice(0, 2), beginning], desired: 2, running: 3 })] },
  ],
  [
    'a machine that cannot read, while no more fails than one of two tasks answers',
    'bad-task',
    { ...failing(40), logs: [template('read failed: EIO: i/o error')] },
  ],
  [
    'a machine that cannot read, while more fails than one of two tasks answers',
    'unknown',
    { ...failing(90), logs: [template('read failed: EIO: i/o error')] },
  ],
  [
    'connections that no longer work',
    'stale-connection',
    { logs: [template('connect ECONNRESET: connection reset by peer')] },
  ],
  ['errors, and nothing that explains them', 'unknown', {}],
];
