import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectors } from '../../functions/detect/detectors.generated.ts';
import type { Detector, Sample, Step } from '../../layers/core/detector.ts';
import { pack, unpack } from '../../layers/core/packed.ts';
import { seeded } from '../../layers/core/statistics/random.ts';

const STEP = 300;

/** A day's course with noise, every five minutes. */
function healthy(length: number, seed: number): Sample[] {
  const random = seeded(seed);
  return Array.from({ length }, (_, t) => ({
    at: 1_700_000_000 + t * STEP,
    value: 50 + 10 * Math.sin((2 * Math.PI * t) / 288) + random() + random() + random(),
  }));
}

function stream(detector: Detector, samples: readonly Sample[], state = detector.start(detector.params.parse({}))) {
  const steps: Step<unknown>[] = [];
  for (const sample of samples) {
    const step = detector.step(state, sample);
    state = step.state;
    steps.push({ ...step, state: undefined });
  }
  return { state, steps };
}

const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, 1e300),
);
const time = fc.oneof(fc.nat(10 * STEP), fc.nat(2_000_000_000), fc.constantFrom(NaN, Infinity, -1e9));
const anything = fc.array(fc.record({ at: time, value: number }), { maxLength: 60 });

describe.each(Object.entries(detectors) as unknown as [string, Detector][])('the detector %s', (name, detector) => {
  it('bears the name of its file, says what it sees, and has a default for each parameter', () => {
    expect(detector.name).toBe(name);
    expect(detector.summary).toMatch(/\.$/);
    expect(detector.params.safeParse({}).success).toBe(true);
  });

  it('answers gaps, duplicates, what is no number and time running backwards with a score from 0 to 1', () => {
    const before = healthy(150, 1);

    fc.assert(
      fc.property(anything, (samples) => {
        for (const { score } of stream(detector, [...before, ...samples, ...before]).steps) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('leaves out a sample that is no number or not new: the state stays as it was', () => {
    const samples = healthy(120, 1);
    const last = samples.at(-1)!;
    const { state } = stream(detector, samples);
    const kept = pack(state);

    for (const bad of [
      last,
      { ...last, at: last.at - STEP },
      { at: last.at + STEP, value: NaN },
      { at: NaN, value: 1 },
    ]) {
      const step = detector.step(state, bad);
      expect(step.score).toBe(0);
      expect(pack(step.state)).toBe(kept);
    }
  });

  it('alerts on nothing in a series that never varies, nor on a single sample, and scores it low', () => {
    const still = healthy(1200, 1).map(({ at }) => ({ at, value: 7 }));

    const { steps } = stream(detector, still);

    expect(steps[0]?.score).toBe(0);
    expect(steps.filter(({ score, alert }) => score > 0.9 || alert === true)).toEqual([]);
  });

  it('scores a jump to ten times the range above nearly all that came before', () => {
    const samples = healthy(1500, 2).map((each, t) => (t < 1400 ? each : { ...each, value: each.value + 200 }));

    const scores = stream(detector, samples).steps.map(({ score }) => score);

    const after = Math.max(...scores.slice(1400, 1450));
    expect(scores.slice(600, 1400).filter((score) => score >= after).length).toBeLessThan(8);
    expect(after).toBeGreaterThan(0.99);
  });

  it('says the same of a series in another unit', () => {
    const samples = healthy(900, 3).map((each, t) => (t % 200 === 199 ? { ...each, value: each.value * 2 } : each));

    const kibi = samples.map(({ at, value }) => ({ at, value: value * 1024 }));

    expect(stream(detector, kibi).steps).toEqual(stream(detector, samples).steps);
  });

  it('survives a change of unit: no crash, and calm again after it', () => {
    const samples = healthy(2400, 3).map((each, t) => (t < 700 ? each : { ...each, value: each.value * 1e6 }));

    const { steps } = stream(detector, samples);

    expect(steps.every(({ score }) => score >= 0 && score <= 1)).toBe(true);
    expect(steps.slice(2000).filter(({ alert }) => alert === true)).toEqual([]);
  });

  it('goes on where it was put away', () => {
    const samples = healthy(700, 4);
    const whole = stream(detector, samples).steps;

    const { state, steps } = stream(detector, samples.slice(0, 350));
    const rest = stream(detector, samples.slice(350), unpack(pack(state))).steps;

    expect([...steps, ...rest]).toEqual(whole);
  });

  it('keeps less than 200 KB, however long the series', () => {
    expect(pack(stream(detector, healthy(6000, 5)).state).length).toBeLessThan(200_000);
  });
});
