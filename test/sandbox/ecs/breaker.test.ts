import { describe, expect, it } from 'vitest';
import { backOffMs, failureThreshold, LONGEST_BACK_OFF_MS } from '../../../sandbox/ecs/breaker.ts';

const on = { enable: true, rollback: true };

describe('the threshold of the circuit breaker', () => {
  // The table of the Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures".
  it.each([
    [1, 3],
    [25, 13],
    [400, 200],
    [800, 200],
  ])('for a desired count of %i is %i', (desired, threshold) => {
    expect(failureThreshold(on, desired)).toBe(threshold);
  });

  it('follows what the service says instead', () => {
    const count = { ...on, thresholdConfiguration: { type: 'COUNT', value: 7 } } as const;
    const percent = { ...on, thresholdConfiguration: { type: 'UNBOUNDED_PERCENT', value: 10 } } as const;

    expect(failureThreshold(count, 2)).toBe(7);
    expect(failureThreshold(percent, 20)).toBe(2);
  });
});

describe('the back-off', () => {
  it('doubles with each failed launch, up to its limit', () => {
    expect([0, 1, 2, 3, 4, 20].map((failures) => backOffMs(failures, LONGEST_BACK_OFF_MS))).toEqual([
      0, 1000, 2000, 4000, 8000, 60_000,
    ]);
  });
});
