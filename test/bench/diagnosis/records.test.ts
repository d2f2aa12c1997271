import { expect, test } from 'vitest';
import { isForTuning, keptRecords } from '../../../bench/diagnosis/records.ts';

const kept = keptRecords();

test('recorded incidents are kept with their truth, some to tune rules on and others to score them', () => {
  const forTuning = kept.filter(isForTuning).length;

  expect(kept.length).toBeGreaterThan(90);
  expect(forTuning).toBeGreaterThan(0);
  expect(kept.length - forTuning).toBeGreaterThan(30);
  expect(kept.every(({ truth }) => truth.every(({ faults }) => faults.length > 0))).toBe(true);
});

test('some of their evidence reaches two hops, and none of it has gaps', () => {
  const reachesFar = kept.filter(({ evidence: { resource, resources } }) => {
    const calls = (arn: string) => resources.find((one) => one.arn === arn)?.dependsOn ?? [];
    const far = calls(resource).flatMap(calls);
    return resources.some(({ arn }) => far.includes(arn) && !calls(resource).includes(arn));
  });

  expect(reachesFar.length).toBeGreaterThan(20);
  expect(kept.flatMap(({ evidence }) => evidence.gaps)).toEqual([]);
});

test('nothing in them names where the recording machine kept its files', () => {
  expect(JSON.stringify(kept)).not.toMatch(/\/(?:home|tmp|root|Users)\//);
});
