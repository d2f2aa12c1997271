import { describe, expect, it } from 'vitest';

import { emf } from '../../../sandbox/logs/emf.ts';

// The example of "Embedded metric format document structure", "Specification: Embedded metric format", CloudWatch User Guide.
const EXAMPLE = {
  _aws: {
    Timestamp: 1574109732004,
    CloudWatchMetrics: [
      {
        Namespace: 'lambda-function-metrics',
        Dimensions: [['functionVersion']],
        Metrics: [{ Name: 'time', Unit: 'Milliseconds', StorageResolution: 60 }],
      },
    ],
  },
  functionVersion: '$LATEST',
  time: 100,
  requestId: '989ffbf8-9ace-4817-a57c-e4dd734019ee',
};

const directive = (more: object) => ({
  ...EXAMPLE,
  _aws: { Timestamp: 1574109732004, CloudWatchMetrics: [{ ...EXAMPLE._aws.CloudWatchMetrics[0]!, ...more }] },
});

describe('a line in the embedded metric format', () => {
  it('is a metric with its dimensions and unit, in its minute', () => {
    expect(emf(JSON.stringify(EXAMPLE))).toEqual([
      {
        namespace: 'lambda-function-metrics',
        metricName: 'time',
        dimensions: { functionVersion: '$LATEST' },
        value: 100,
        unit: 'Milliseconds',
        timestamp: new Date('2019-11-18T20:42:00.000Z'),
      },
    ]);
  });

  it('keeps the second at high resolution', () => {
    const [point] = emf(JSON.stringify(directive({ Metrics: [{ Name: 'time', StorageResolution: 1 }] })));

    expect(point?.timestamp).toEqual(new Date('2019-11-18T20:42:12.000Z'));
  });

  it('makes a metric for each set of dimensions, each metric and each value', () => {
    const line = {
      ...directive({ Dimensions: [[], ['functionVersion']], Metrics: [{ Name: 'time' }, { Name: 'size' }] }),
      time: [1, 2],
      size: 3,
    };

    const points = emf(JSON.stringify(line)).map((p) => [p.metricName, Object.keys(p.dimensions).length, p.value]);

    expect(points).toEqual([
      ['time', 0, 1],
      ['time', 0, 2],
      ['time', 1, 1],
      ['time', 1, 2],
      ['size', 0, 3],
      ['size', 1, 3],
    ]);
  });

  it('may come after a prefix', () => {
    expect(emf(`2026-03-02T10:00:00.000Z\tid\tINFO\t${JSON.stringify(EXAMPLE)}`)).toHaveLength(1);
  });

  it.each([
    ['plain text', 'ERROR no "CloudWatchMetrics" here {'],
    ['other JSON', '{"level":"INFO"}'],
    ['a directive without a namespace', JSON.stringify(directive({ Namespace: undefined }))],
    ['a dimension that is not there', JSON.stringify(directive({ Dimensions: [['nope']] }))],
    ['a value that is no number', JSON.stringify({ ...EXAMPLE, time: 'long' })],
  ])('is none when it is %s', (_, line) => {
    expect(emf(line)).toEqual([]);
  });
});
