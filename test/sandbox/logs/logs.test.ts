import {
  CloudWatchLogsClient,
  DescribeMetricFiltersCommand,
  FilterLogEventsCommand,
  PutMetricFilterCommand,
  ResourceNotFoundException,
  type FilteredLogEvent,
  type MetricFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient, ListAliasesCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  type ExecutionListItem,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { MetricPoint } from '../../../sandbox/contract.ts';
import { startLogs, type ExecutionChange } from '../../../sandbox/logs/index.ts';
import { deployed } from '../cloudwatch/account.ts';
import { VirtualClock } from '../cloudwatch/virtual-clock.ts';

const config = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
const clients = {
  logs: new CloudWatchLogsClient(config),
  lambda: new LambdaClient(config),
  sfn: new SFNClient(config),
};
const mocks = { logs: mockClient(clients.logs), lambda: mockClient(clients.lambda), sfn: mockClient(clients.sfn) };
const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:heal';

/** What the emulator holds, as the tests write it. */
let events: FilteredLogEvent[];
let executions: ExecutionListItem[];
let filters: MetricFilter[];
let alias: string;
let queues: object;

function emulate(): void {
  mocks.lambda.on(ListFunctionsCommand).resolves({ Functions: [{ FunctionName: 'pricing' }] });
  mocks.lambda.on(ListAliasesCommand).callsFake(() => ({ Aliases: [{ Name: 'live', FunctionVersion: alias }] }));
  mocks.logs
    .on(FilterLogEventsCommand)
    .callsFake((input: { logGroupName: string; startTime: number; limit: number }) => {
      if (input.logGroupName !== '/aws/lambda/pricing')
        throw new ResourceNotFoundException({ $metadata: {}, message: 'no group' });
      return { events: events.filter((e) => e.timestamp! >= input.startTime).slice(0, input.limit) };
    });
  mocks.logs.on(DescribeMetricFiltersCommand).callsFake(() => ({ metricFilters: filters }));
  mocks.logs.on(PutMetricFilterCommand).callsFake((input: MetricFilter) => {
    filters = [...filters.filter((f) => f.filterName !== input.filterName), input];
    return {};
  });
  mocks.sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [{ stateMachineArn: MACHINE } as never] });
  mocks.sfn.on(ListExecutionsCommand).callsFake(() => ({ executions: [...executions].reverse() }));
  vi.stubGlobal('fetch', () =>
    Promise.resolve(Response.json({ messages: { '111122223333': { 'us-east-1': queues } } })),
  );
}

beforeEach(() => {
  [events, executions, filters, alias, queues] = [[], [], [], '1', {}];
  Object.values(mocks).forEach((mock) => mock.reset());
  emulate();
});
afterEach(() => vi.unstubAllGlobals());

function started() {
  const clock = new VirtualClock('2026-03-02T10:00:00.000Z');
  const points: MetricPoint[] = [];
  const lines: string[] = [];
  const changes: ExecutionChange[] = [];
  const logs = startLogs(
    {
      accountId: '111122223333',
      region: 'us-east-1',
      putMetrics: (p) => void points.push(...p),
      log: (line) => void lines.push(line),
    },
    { url: 'http://127.0.0.1:1', clients, onExecution: (change) => void changes.push(change) },
    clock,
  );
  /** Reads after moving time on, the read of the grid included. */
  const readAfter = async (seconds: number): Promise<void> => {
    clock.pass(seconds);
    await logs.read();
    await logs.read();
  };
  const sum = (metricName: string, dimensions: Readonly<Record<string, string>>): number =>
    points
      .filter((p) => p.metricName === metricName && JSON.stringify(p.dimensions) === JSON.stringify(dimensions))
      .reduce((total, p) => total + p.value, 0);
  return { clock, points, lines, changes, logs, readAfter, sum };
}

let stream = 0;
function write(clock: VirtualClock, version: string, ...texts: string[]): void {
  stream += 1;
  const all = [
    `START RequestId: r${stream} Version: ${version}`,
    ...texts,
    `END RequestId: r${stream}`,
    `REPORT RequestId: r${stream}\tDuration: 5 ms\tBilled`,
  ];
  events.push(...all.map((message) => ({ logStreamName: `s${stream}`, timestamp: clock.now(), message })));
}

const EMF = JSON.stringify({
  _aws: { CloudWatchMetrics: [{ Namespace: 'Shop', Dimensions: [[]], Metrics: [{ Name: 'Sold' }] }] },
  Sold: 2,
});

describe('function logs', () => {
  it('become metrics, each line once, also those that appear with a time that was read already', async () => {
    const { clock, readAfter, sum } = started();
    await readAfter(1);
    write(clock, '1', EMF);
    await readAfter(5);
    const late = clock.now() - 3000;
    events.push({ logStreamName: 'late', timestamp: late, message: EMF });

    await readAfter(5);
    await readAfter(30);

    expect(sum('Sold', {})).toBe(4);
    expect(sum('Invocations', { FunctionName: 'pricing' })).toBe(1);
  });

  it('are counted as often as the same line is written at the same time', async () => {
    const { clock, readAfter, sum } = started();
    write(clock, '1', EMF, EMF, EMF);

    await readAfter(5);

    expect(sum('Sold', {})).toBe(6);
  });

  it('count for the alias that pointed at the version then', async () => {
    const { clock, readAfter, sum } = started();
    const live = { FunctionName: 'pricing', Resource: 'pricing:live' };
    write(clock, '1', 'fine');
    await readAfter(5);
    alias = '2';
    write(clock, '2', 'Error: boom', '    at handler (index.js:1:1)');
    await readAfter(5);
    alias = '1';
    write(clock, '1', 'fine');
    await readAfter(5);
    clock.pass(1);
    write(clock, '2', 'Error: boom', '    at handler (index.js:1:1)');

    await readAfter(5);

    expect(sum('Invocations', live)).toBe(3);
    expect(sum('Errors', live)).toBe(1);
    expect(sum('Errors', { FunctionName: 'pricing' })).toBe(2);
    expect(sum('Errors', { FunctionName: 'pricing', Resource: 'pricing:2' })).toBe(1);
  });

  it('are read past the limit of one answer', async () => {
    const { clock, readAfter, sum } = started();
    for (let i = 0; i < 25_000; i += 1)
      events.push({
        logStreamName: 's',
        timestamp: clock.now() + Math.floor(i / 100),
        message: i % 5 === 0 ? EMF : `line ${i}`,
      });

    await readAfter(5);

    expect(sum('Sold', {})).toBe(10_000);
  });

  it('that cannot be read are reported once', async () => {
    const { readAfter, lines } = started();
    mocks.lambda.on(ListFunctionsCommand).rejects(new Error('down'));

    await readAfter(30);
    await readAfter(30);

    expect(lines).toEqual(['logs could not be read into metrics: Error: down']);
  });
});

describe('metric filters', () => {
  const filter = (properties: object) =>
    deployed(
      'AWS::Logs::MetricFilter',
      {
        LogGroupName: '/app',
        FilterPattern: '{ $.level = "ERROR" }',
        MetricTransformations: [{ MetricName: 'Failures', MetricNamespace: 'Shop', MetricValue: '1', DefaultValue: 0 }],
        ...properties,
      },
      'Filter',
    );

  it('of a stack turn lines into metrics, with the default where lines came and none matched', async () => {
    const { clock, logs, readAfter, points } = started();
    await logs.takeOver.adopt([filter({})]);
    logs.ingest('/app', [
      { time: new Date(clock.now()), text: '{"level":"ERROR"}' },
      { time: new Date(clock.now()), text: '{"level":"INFO"}' },
    ]);
    logs.ingest('/other', [{ time: new Date(clock.now()), text: '{"level":"ERROR"}' }]);
    clock.pass(60);
    logs.ingest('/app', [{ time: new Date(clock.now()), text: '{"level":"INFO"}' }]);

    await readAfter(60);

    expect(
      points.filter((p) => p.metricName === 'Failures').map((p) => [p.timestamp?.toISOString().slice(11, 16), p.value]),
    ).toEqual([
      ['10:00', 1],
      ['10:01', 0],
    ]);
  });

  it('take value and dimensions from the line', async () => {
    const { clock, logs, points } = started();
    await logs.takeOver.adopt([
      filter({
        FilterPattern: '{ $.ms > 0 }',
        MetricTransformations: [
          {
            MetricName: 'Ms',
            MetricNamespace: 'Shop',
            MetricValue: '$.ms',
            Unit: 'Milliseconds',
            Dimensions: [{ Key: 'Route', Value: '$.route' }],
          },
        ],
      }),
    ]);

    logs.ingest('/app', [
      { time: new Date(clock.now()), text: '{"ms":42.5,"route":"/buy"}' },
      { time: new Date(clock.now()), text: '{"ms":1}' },
    ]);

    expect(points).toEqual([
      {
        namespace: 'Shop',
        metricName: 'Ms',
        dimensions: { Route: '/buy' },
        value: 42.5,
        unit: 'Milliseconds',
        timestamp: new Date(clock.now()),
      },
    ]);
  });

  it('that cannot be evaluated are reported once', async () => {
    const { logs, readAfter, lines } = started();

    await logs.takeOver.adopt([filter({ FilterPattern: '[ip, user]' })]);
    await readAfter(60);

    expect(lines).toEqual([expect.stringMatching(/metric filter Filter of \/app has no effect: .*space-delimited/)]);
  });
});

describe('state machines', () => {
  const execution = (name: string, status: string, stopDate?: Date): ExecutionListItem =>
    ({
      executionArn: `${MACHINE}:${name}`,
      stateMachineArn: MACHINE,
      name,
      status,
      startDate: new Date('2026-03-02T10:00:01Z'),
      ...(stopDate ? { stopDate } : {}),
    }) as ExecutionListItem;

  it('publish each start and each end once, and tell of them', async () => {
    const { readAfter, sum, changes } = started();
    const of = { StateMachineArn: MACHINE };
    executions = [execution('a', 'RUNNING')];
    await readAfter(5);
    executions = [
      execution('a', 'FAILED', new Date('2026-03-02T10:00:06Z')),
      execution('b', 'SUCCEEDED', new Date('2026-03-02T10:00:07Z')),
    ];
    await readAfter(5);

    await readAfter(5);

    expect(
      ['ExecutionsStarted', 'ExecutionsFailed', 'ExecutionsSucceeded', 'ExecutionsTimedOut'].map((m) => sum(m, of)),
    ).toEqual([2, 1, 1, 0]);
    expect(sum('ExecutionTime', of)).toBe(11_000);
    expect(changes.map((c) => `${c.name} ${c.status}`).sort()).toEqual([
      'a FAILED',
      'a RUNNING',
      'b RUNNING',
      'b SUCCEEDED',
    ]);
  });
});

describe('queues', () => {
  it('publish how many messages there are and how old the oldest is, once a minute', async () => {
    const { clock, readAfter, points } = started();
    const sent = (ago: number) => clock.now() / 1000 + 60 - ago;
    queues = {
      'http://127.0.0.1:1/111122223333/orders': [
        { SentTimestamp: sent(40), IsVisible: true, ReceiveCount: 0 },
        { SentTimestamp: sent(90), IsVisible: false, ReceiveCount: 2 },
        { SentTimestamp: sent(10), IsVisible: false, ReceiveCount: 0 },
      ],
    };

    await readAfter(60);
    await readAfter(5);

    expect(
      points.filter((p) => p.namespace === 'AWS/SQS').map((p) => [p.metricName, p.dimensions.QueueName, p.value]),
    ).toEqual([
      ['ApproximateNumberOfMessagesVisible', 'orders', 1],
      ['ApproximateNumberOfMessagesNotVisible', 'orders', 1],
      ['ApproximateNumberOfMessagesDelayed', 'orders', 1],
      ['ApproximateAgeOfOldestMessage', 'orders', 90],
    ]);
  });
});
