import { expect, test } from 'vitest';
import { serviceGraph } from '../../../sandbox/xray/graph.ts';
import { Segment } from '../../../sandbox/xray/segment.ts';

const id = (n: number): string => n.toString(16).padStart(16, '0');
const ALL = { from: 0, to: 1_000 };

/** A segment of one trace, from 10 s to 11 s. */
const segment = (n: number, name: string, more: object = {}): Segment =>
  Segment.parse({
    id: id(n),
    trace_id: `1-00000000-${'0'.repeat(24)}`,
    name,
    origin: 'AWS::ECS::Container',
    start_time: 10,
    end_time: 11,
    ...more,
  });
const call = (n: number, namespace: 'remote' | 'aws', more: object = {}) => ({
  id: id(n),
  name: 'somewhere',
  namespace,
  start_time: 10.25,
  end_time: 10.75,
  ...more,
});

function edges(segments: readonly Segment[], frame = ALL): unknown[] {
  const services = serviceGraph(segments, frame, '111122223333');
  const named = new Map(services.map(({ ReferenceId, Name, Type }) => [ReferenceId, `${Type} ${Name}`]));
  return services.flatMap(({ ReferenceId, Edges = [] }) =>
    Edges.map((edge) => [named.get(ReferenceId), named.get(edge.ReferenceId), edge.SummaryStatistics?.TotalCount]),
  );
}
const WEB = 'AWS::ECS::Container web';
const ORDERS = 'AWS::ECS::Container orders';

test('a call leads to the program that answered it, and a request from outside to clients', () => {
  const segments = [
    segment(2, 'orders', { parent_id: id(9) }),
    segment(1, 'web', { subsegments: [call(9, 'remote')] }),
  ];

  expect(edges(segments)).toEqual([
    [WEB, ORDERS, 1],
    ['client web', WEB, 1],
  ]);
});

test('who sends no segments is known by what its callers say', () => {
  const subsegments = [
    call(5, 'remote', { name: 'payments.example.com' }),
    call(6, 'aws', { aws: { operation: 'PutItem', table_name: 'ledger' } }),
    call(7, 'aws', { aws: { queue_url: 'http://127.0.0.1/111122223333/jobs' } }),
    call(8, 'aws', { aws: { function_name: 'quote' } }),
    call(9, 'aws', { name: 'S3' }),
  ];

  expect(edges([segment(1, 'web', { parent_id: id(99), subsegments })])).toEqual([
    [WEB, 'remote payments.example.com', 1],
    [WEB, 'AWS::DynamoDB::Table ledger', 1],
    [WEB, 'AWS::SQS::Queue http://127.0.0.1/111122223333/jobs', 1],
    [WEB, 'AWS::Lambda quote', 1],
    [WEB, 'AWS::S3 S3', 1],
  ]);
});

test('what goes on with the trace of a message is behind the queue', () => {
  const subsegments = [call(7, 'aws', { aws: { queue_url: 'jobs' } })];
  const segments = [segment(1, 'web', { subsegments }), segment(2, 'orders', { parent_id: id(7) })];

  expect(edges(segments)).toContainEqual(['AWS::SQS::Queue jobs', ORDERS, 1]);
});

test('a call is counted once, in the time frame in which its caller’s segment ended', () => {
  const segments = [
    segment(2, 'orders', { parent_id: id(9) }),
    segment(1, 'web', { parent_id: id(99), end_time: 12, subsegments: [call(9, 'remote')] }),
  ];

  expect(edges(segments, { from: 0, to: 12 })).toEqual([]);
  expect(edges(segments, { from: 12, to: 1_000 })).toEqual([[WEB, ORDERS, 1]]);
});

test('an edge tells how its calls ended and how long they took', () => {
  const subsegments = [call(5, 'remote'), call(6, 'remote', { fault: true }), call(7, 'remote', { error: true })];

  const [web] = serviceGraph([segment(1, 'web', { subsegments })], ALL, '111122223333');

  expect(web).toMatchObject({ Name: 'web', Names: ['web'], AccountId: '111122223333', State: 'active' });
  expect(web?.Edges?.[0]).toMatchObject({
    StartTime: new Date(10_250),
    SummaryStatistics: {
      OkCount: 1,
      ErrorStatistics: { TotalCount: 1 },
      FaultStatistics: { TotalCount: 1 },
      TotalCount: 3,
      TotalResponseTime: 1.5,
    },
  });
});
