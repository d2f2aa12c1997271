import { expect, test } from 'vitest';
import { atBestThreshold, found, oracle } from '../../../bench/hdfs/judge.ts';

test('precision, recall and F1 of two hits, one false alarm and one miss', () => {
  const verdicts = [
    [true, true],
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ].map(([flagged = false, anomalous = false]) => ({ flagged, anomalous }));

  expect(found(verdicts)).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 });
});

test('nothing flagged is no division by zero', () => {
  expect(found([{ flagged: false, anomalous: false }])).toEqual({ precision: 0, recall: 0, f1: 0 });
});

test('the oracle cannot tell sessions with the same events apart', () => {
  const sequences = ['a', 'a', 'a', 'b', 'b', 'c'];
  const anomalous = [true, false, false, true, true, false];

  expect(oracle(sequences, anomalous)).toEqual({ precision: 1, recall: 2 / 3, f1: 0.8 });
});

test('a score that orders perfectly is perfect at its best threshold', () => {
  expect(atBestThreshold([0.1, 0.2, 0.9], [false, false, true]).f1).toBe(1);
});
