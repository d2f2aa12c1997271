import { describe, expect, it } from 'vitest';
import { detector } from '../../../../functions/detect/detectors/calibrated-ensemble.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';

const STEP = 300;
const DAY = 288;

type State = ReturnType<typeof detector.start>;

/** Quiet by night, restless by day, from midnight on. */
function nightly(days: number): { at: number; value: number }[] {
  const random = seeded(8);
  return Array.from({ length: days * DAY }, (_, t) => {
    const restless = t % DAY > 0.4 * DAY && t % DAY < 0.75 * DAY;
    return { at: 1_699_920_000 + t * STEP, value: (restless ? 70 : 20) + (restless ? 5 : 0.1) * random() };
  });
}

function stream(samples: readonly { at: number; value: number }[], state = detector.start(detector.params.parse({}))) {
  let last: State = state;
  const scores = samples.map((sample) => {
    const step = detector.step(last, sample);
    last = step.state;
    return step.score;
  });
  return { state: last, scores };
}

describe('the calibrated ensemble', () => {
  it('does not judge the first morning whose season it knows by the night before', () => {
    const { scores } = stream(nightly(4));

    const thirdDay = scores.slice(2 * DAY, 3 * DAY);
    expect(Math.max(...thirdDay)).toBeLessThan(0.99);
  });

  it('goes on from a state that was kept before it looked at orders of magnitude, and sees them again soon', () => {
    const samples = nightly(6);
    const { state } = stream(samples.slice(0, 4 * DAY));
    const views = { ...state.views, magnitude: undefined, excessSince: undefined } as unknown as State['views'];
    const tails = { ...state.tails, magnitude: undefined, magnitudeHour: undefined } as unknown as State['tails'];

    const spiked = samples.slice(4 * DAY).map((each, t) => (t === 1.5 * DAY ? { ...each, value: 5000 } : each));
    const { scores } = stream(spiked, { ...state, views, tails });

    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    expect(scores[1.5 * DAY]).toBeGreaterThan(0.99);
    expect(Math.max(...scores.slice(0, 1.5 * DAY))).toBeLessThan(scores[1.5 * DAY]!);
  });

  it('goes on scoring after a value beyond all numbers in units of what was usual', () => {
    const tiny = Array.from({ length: 600 }, (_, t) => ({ at: t * STEP, value: (1 + (t % 7)) * 1e-200 }));
    const { state } = stream(tiny.map((each, t) => (t === 400 ? { ...each, value: 1e150 } : each)));

    expect(state.views.magnitude.vector.every(Number.isFinite)).toBe(true);
    expect(stream([{ at: 601 * STEP, value: 1e-150 }], state).scores[0]).toBeGreaterThanOrEqual(0);
  });
});
