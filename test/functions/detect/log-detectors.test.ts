import { describe, expect, test } from 'vitest';
import { detector as counts } from '../../../functions/detect/log-detectors/session-counts.ts';
import { detector as transitions } from '../../../functions/detect/log-detectors/session-transitions.ts';
import { detector as newTemplate } from '../../../functions/detect/log-detectors/new-template.ts';
import { detector as rate } from '../../../functions/detect/log-detectors/template-rate.ts';
import type { LogDetector } from '../../../layers/core/log-detector.ts';

/** The scores of a detector that reads these, with the defaults unless told. */
function scores<Input, Params, State>(
  detector: LogDetector<Input, Params, State>,
  inputs: readonly Input[],
  params: unknown = {},
): number[] {
  let state = detector.start(detector.params.parse(params));
  return inputs.map((input) => {
    const step = detector.step(state, input);
    state = JSON.parse(JSON.stringify(step.state)) as State;
    return step.score;
  });
}

describe('new-template', () => {
  const quiet = Array.from({ length: 2000 }, (_, i) => ({ at: i, template: i % 5, count: Math.floor(i / 5) + 1 }));
  const fresh = { at: 2000, template: 99, count: 1 };

  test('a new message in a log that has long said the same is abnormal', () => {
    expect(scores(newTemplate, [...quiet, fresh]).at(-1)).toBeGreaterThan(0.99);
  });

  test('in a log that invents a message every other line it is not', () => {
    const chatty = quiet.map((line, i) => (i % 2 ? { ...line, template: 1000 + i, count: 1 } : line));

    expect(scores(newTemplate, [...chatty, fresh]).at(-1)).toBeLessThan(0.55);
  });

  test('the chance of news is that of Good: a third of ten lines were seen once, and the one at hand', () => {
    const lines = [3, 2, 4, 2, 3, 2, 4].map((count) => ({ at: 0, template: 1, count }));
    const singles = [1, 1, 1].map((count) => ({ at: 0, template: 2, count }));

    const score = scores(newTemplate, [...lines, ...singles, fresh], { warmUp: 5, halfLife: 1e9 }).at(-1);

    expect(score).toBeCloseTo(1 - 4 / 11, 6);
  });
});

describe('template-rate', () => {
  const bucket = (n: number, lines: number, template = 1) =>
    Array.from({ length: lines }, (_, i) => ({ at: n * 60 + (i * 59) / Math.max(1, lines), template, count: 2 }));
  const steady = Array.from({ length: 120 }, (_, n) => bucket(n, 8 + (n % 5))).flat();

  test('a burst is abnormal, as is a sudden hush', () => {
    const burst = [...steady, ...bucket(120, 60), ...bucket(121, 1)];
    const hush = [...steady, ...bucket(120, 1), ...bucket(121, 1)];

    expect(scores(rate, burst).at(-1)).toBeGreaterThan(0.99);
    expect(scores(rate, hush).at(-1)).toBeGreaterThan(0.9);
    expect(Math.max(...scores(rate, steady))).toBeLessThan(0.9);
  });

  test('a message never seen that comes by the dozen is abnormal', () => {
    const lines = [...steady, ...bucket(120, 10), ...bucket(120, 40, 2), ...bucket(121, 1)];

    expect(scores(rate, lines).at(-1)).toBeGreaterThan(0.99);
  });

  test('in a log that always comes in bursts another burst is not', () => {
    const bursts = Array.from({ length: 120 }, (_, n) => bucket(n, n % 3 === 0 ? 60 : 4)).flat();

    expect(Math.max(...scores(rate, bursts))).toBeLessThan(0.95);
  });

  test('a Poisson log is above 0.99 in at most 2 % of its buckets', () => {
    let seed = 7;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const poisson = (mean: number) => {
      let [n, product] = [0, random()];
      for (; product > Math.exp(-mean); n++) product *= random();
      return n;
    };
    const lines = Array.from({ length: 1000 }, (_, n) => [
      ...bucket(n, poisson(6)),
      ...bucket(n, 1 + poisson(1), 2),
    ]).flat();

    const high = scores(rate, lines).filter((score) => score > 0.99).length;

    expect(high).toBeLessThanOrEqual(20);
  });
});

describe('sessions', () => {
  const usual = Array.from({ length: 1500 }, (_, i) => ({ events: i % 3 ? [1, 2, 3, 4] : [1, 3, 2, 4] }));

  test('a session with a step missing is odd by its counts', () => {
    const all = scores(counts, [...usual, { events: [1, 2, 3] }, { events: [1, 3, 2, 4] }]);

    expect(all.at(-2)).toBe(1);
    expect(all.at(-1)).toBeLessThan(0.5);
  });

  test('a session in an order never seen is odd by its transitions, and not by its counts', () => {
    const shuffled = [...usual, { events: [4, 1, 2, 3] }];

    expect(scores(transitions, shuffled).at(-1)).toBe(1);
    expect(scores(counts, shuffled).at(-1)).toBeLessThan(0.5);
  });

  test('what is remembered is bounded, and what is usual stays usual', () => {
    let state = counts.start(counts.params.parse({ kinds: 50 }));
    for (let i = 0; i < 3000; i++) state = counts.step(state, { events: i % 2 ? [1, 2] : [i + 10] }).state;

    expect(JSON.stringify(state).length).toBeLessThan(5000);
    expect(counts.step(state, { events: [1, 2] }).score).toBeLessThan(0.1);
  });
});
