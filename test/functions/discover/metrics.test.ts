import { describe, expect, it } from 'vitest';
import { ownOfLimits } from '../../../functions/discover/map/own.ts';
import { askedBy } from '../../../functions/discover/map/tags.ts';
import { messageSignal, signalsOf } from '../../../functions/watch/tell.ts';
import { normalise } from '../../../functions/intake/normalise.ts';
import { isBad } from '../../../layers/core/criterion.ts';
import { seriesOf } from '../../../layers/core/watched-series.ts';
import { aResource, serviceArn } from '../../runtime/samples.ts';

const TAGS = {
  'prunella:mode': 'heal',
  'prunella:limit': 'Shop Connections Service=orders above=200',
  'prunella:limit:disk': 'System DiskFree Host=a below=5 stat=Minimum',
  'prunella:watch': 'Shop Latency Service=orders stat=p90',
  'prunella:limited': 'is no tag of ours',
};

describe('the metrics that tags name', () => {
  it('are those of each limit and watch, and what cannot be read is kept to be told', () => {
    const { metrics, misread } = askedBy({ ...TAGS, 'prunella:watch:odd': 'Latency' });

    expect(metrics.map(({ id }) => id)).toEqual(['limit:Connections', 'limit:DiskFree:disk', 'watch:Latency']);
    expect(misread).toHaveLength(1);
    expect(misread[0]).toContain('prunella:watch:odd: no namespace and metric');
  });

  it('of one name are as many as there are tags, and what says the same twice is told', () => {
    const { metrics, misread } = askedBy({
      'prunella:limit': 'CWAgent disk_used_percent path=/ host=a above=95',
      'prunella:limit:data': 'CWAgent disk_used_percent path=/data host=a above=95',
      'prunella:limit:twice': 'CWAgent disk_used_percent above=95 host=a path=/',
    });

    expect(metrics.map(({ id }) => id)).toEqual(['limit:disk_used_percent', 'limit:disk_used_percent:data']);
    expect(misread).toEqual(['prunella:limit:twice: another tag says the same']);
    expect(new Set(ownOfLimits(serviceArn(), metrics).map(({ id }) => id)).size).toBe(2);
    expect(seriesOf(aResource({ metrics })).filter(({ id }) => id.startsWith('limit:'))).toHaveLength(2);
  });

  it('are ten at most', () => {
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`prunella:watch:${n}`, `Shop Latency Service=a${n}`]),
    );

    expect(askedBy(many).metrics).toHaveLength(10);
    expect(askedBy(many).misread).toHaveLength(2);
  });

  it('are criteria of health where they have a limit: at it they are bad', () => {
    const [connections, disk, ...others] = ownOfLimits(serviceArn(), askedBy(TAGS).metrics);

    expect(others).toEqual([]);
    expect([isBad(connections!, 199), isBad(connections!, 200)]).toEqual([false, true]);
    expect([isBad(disk!, 6), isBad(disk!, 5)]).toEqual([false, true]);
  });

  it('are watched first, for their limit or for being unlike themselves', () => {
    const series = seriesOf(aResource({ metrics: askedBy(TAGS).metrics }));

    expect(series.map(({ id, looksFor }) => `${id} ${looksFor}`)).toEqual([
      'limit:Connections forecast',
      'limit:DiskFree:disk forecast',
      'watch:Latency anomaly',
      'memory forecast',
      'CPUUtilization anomaly',
      'MemoryUtilization anomaly',
    ]);
  });
});

describe('the probes that tags ask for', () => {
  it('are named by their tags, and what cannot be read is kept to be told', () => {
    const { probes, misread } = askedBy({
      ...TAGS,
      'prunella:probe': 'http://orders.internal/health',
      'prunella:probe:db': 'tcp://10.0.0.5:5432 retries=5',
      'prunella:probe:odd': 'orders',
    });

    expect(probes.map(({ id, retries }) => [id, retries])).toEqual([
      ['probe', 3],
      ['probe:db', 5],
    ]);
    expect(misread).toHaveLength(1);
    expect(misread[0]).toContain('prunella:probe:odd: no target');
  });

  it('are five at most', () => {
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`prunella:probe:${n}`, `http://a${n}`]));

    const { probes, misread } = askedBy(many);

    expect(probes).toHaveLength(5);
    expect(misread).toEqual(
      ['prunella:probe:5', 'prunella:probe:6'].map((key) => `${key}: a resource has at most 5 probes`),
    );
  });
});

describe('what is watched of a resource', () => {
  it('includes the targets behind its load balancer, and the age of a queue that an alarm of its owner is on', () => {
    const elb = {
      namespace: 'AWS/ApplicationELB',
      dimensions: { TargetGroup: 't', LoadBalancer: 'l' },
      stat: 'Sum',
      period: 60,
    };
    const criterion = {
      resource: serviceArn(),
      role: 'target' as const,
      returns: 'm',
      comparison: 'GreaterThanThreshold' as const,
      threshold: 60,
      period: 60,
      missing: 'missing' as const,
      trafficFloor: 1,
    };
    const age = {
      id: 'm',
      namespace: 'AWS/SQS',
      metric: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: 'q' },
      stat: 'Maximum',
      period: 60,
    };
    const alarm = { arn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a', name: 'a', kind: 'metric' as const };

    const series = seriesOf(
      aResource({
        own: [{ ...criterion, id: 'own', queries: [{ id: 'm', metric: 'RequestCount', ...elb }] }],
        alarms: [{ ...alarm, criteria: [{ ...criterion, id: 'a', queries: [age] }] }],
      }),
    );

    expect(series.map(({ id }) => id)).toEqual([
      'memory',
      'CPUUtilization',
      'MemoryUtilization',
      'RequestCount',
      'TargetResponseTime',
      'age:q',
    ]);
    expect(series.at(-1)).toMatchObject({ looksFor: 'forecast', limit: { value: 60, when: 'above' } });
  });
});

describe('a signal that a probe puts on the bus', () => {
  it('opens an incident when it fails, and joins one when it is answered again', () => {
    const event = (state: string) => ({
      id: `e-${state}`,
      source: 'prunella',
      'detail-type': 'Prunella Signal',
      time: '2026-11-01T12:01:00Z',
      account: '111122223333',
      region: 'eu-west-1',
      resources: [],
      detail: {
        kind: 'probe',
        resource: serviceArn('orders'),
        summary: 'it',
        probe: 'probe',
        state,
        failure: 'silent',
      },
    });

    const read = ['failed', 'ok'].map((state) => normalise(event(state), '2026-11-01T12:01:30.000Z'));

    expect(read).toMatchObject([
      {
        kind: 'signal',
        effect: 'opens',
        signal: { kind: 'probe', probe: 'probe', state: 'failed', failure: 'silent' },
      },
      { kind: 'signal', effect: 'joins', signal: { kind: 'probe', state: 'ok' } },
    ]);
  });
});

const event = (id: string, detail: unknown) => ({
  id,
  source: 'prunella',
  'detail-type': 'Prunella Signal',
  time: '2026-11-01T12:01:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  resources: [],
  detail,
});

describe('a signal that watch puts on the bus', () => {
  it('is understood however many series, and however long names, it is about', () => {
    const seen = Array.from({ length: 12 }, (_, n) => ({
      series: { ...seriesOf(aResource())[0]!, id: `limit:${'a long metric name '.repeat(5)}${n}` },
      odd: { at: 1_800_000_000, value: 5, score: 1, usual: { low: 0, high: 1 } },
    }));
    const group = `/aws/lambda/${'g'.repeat(480)}`;
    const messages = [{ group, template: 'it failed', lines: 7, usual: 0 }];
    const arn = serviceArn('orders');
    const signals = [
      ...signalsOf(arn, seen),
      ...signalsOf(arn, seen.slice(0, 11)),
      messageSignal(arn, { at: 1_800_000_000, detector: 'new-template', messages }),
    ];

    const read = signals.map((detail, n) => normalise(event(`e${n}`, detail), '2026-11-01T12:01:30.000Z'));

    expect(read.map((one) => one?.kind)).toEqual(['signal', 'signal', 'signal']);
    expect(new Set(signals.map(({ id }) => id)).size).toBe(3);
    expect(signalsOf(arn, seen)[0]!.id).toBe(signals[0]!.id);
  });

  it('keeps its own id, so that the same news sent twice is one signal', () => {
    const detail = {
      kind: 'anomaly',
      id: 'anomaly x CPUUtilization 1',
      at: '2026-11-01T12:00:00.000Z',
      resource: serviceArn('orders'),
      summary: 'it behaves as it never did',
      detector: 'calibrated-ensemble',
      score: 1,
      carriers: [{ series: 'CPUUtilization', value: 95, usual: { low: 20, high: 40 } }],
    };

    const [first, second] = ['e1', 'e2'].map((id) => normalise(event(id, detail), '2026-11-01T12:01:30.000Z'));

    expect(first).toEqual(second);
    expect(first).toMatchObject({
      kind: 'signal',
      effect: 'opens',
      signal: { id: detail.id, at: detail.at, carriers: detail.carriers },
    });
  });
});

describe('the tag that says which lines of a log belong together', () => {
  it('is kept, or told of where it cannot be read', () => {
    expect(askedBy({ 'prunella:session': 'orderId idle=300' })).toMatchObject({
      session: { field: 'orderId', idle: 300 },
      misread: [],
    });
    const { session, misread } = askedBy({ 'prunella:session': 'the id' });
    expect(session).toBeUndefined();
    expect(misread).toEqual([expect.stringContaining('prunella:session: "id" is not idle=SECONDS')]);
    expect(askedBy(TAGS)).not.toHaveProperty('session');
  });
});
