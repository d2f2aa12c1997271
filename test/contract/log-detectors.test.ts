import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logDetectors } from '../../functions/detect/logDetectors.generated.ts';
import type { LogDetector } from '../../layers/core/log-detector.ts';

type Any = LogDetector<unknown, unknown, unknown>;

function stream(detector: Any, inputs: readonly unknown[], params: unknown = {}, stored = true) {
  let state = detector.start(detector.params.parse(params));
  const steps = inputs.map((input) => {
    const step = detector.step(state, input);
    state = stored ? (JSON.parse(JSON.stringify(step.state)) as unknown) : step.state;
    return { score: step.score, because: step.because };
  });
  return { state, steps };
}

const odd = fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 0.5, 1e300);
const line: fc.Arbitrary<unknown> = fc.record({
  at: fc.oneof(fc.nat(100_000), fc.double(), fc.constant(7), odd),
  template: fc.oneof(fc.nat(12), odd),
  count: fc.oneof(fc.integer({ min: 1, max: 5 }), odd),
});
const session: fc.Arbitrary<unknown> = fc.record({ events: fc.array(fc.oneof(fc.nat(6), odd), { maxLength: 8 }) });

describe.each(Object.entries(logDetectors))('the log detector %s', (name, plugin) => {
  const detector = plugin as unknown as Any;
  const reads = detector.reads === 'lines';
  const same = (i: number) => (reads ? { at: i, template: 1, count: i + 1 } : { events: [1, 2, 3] });

  it('bears the name of its file, says what it sees, has a default for each parameter, and refuses nonsense', () => {
    expect(detector.name).toBe(name);
    expect(detector.summary).toMatch(/\.$/);
    expect(detector.params.safeParse({}).success).toBe(true);
    expect(detector.params.safeParse({ warmUp: 'soon' }).success).toBe(false);
  });

  it('answers what is no number, duplicates and time running backwards with a score from 0 to 1, and goes on', () => {
    const before = Array.from({ length: 40 }, (_, i) => same(i));

    fc.assert(
      fc.property(fc.array(reads ? line : session, { maxLength: 60 }), (inputs) => {
        for (const { score } of stream(detector, [...before, ...inputs, ...before], { warmUp: 3 }).steps) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('goes on where it was put away', () => {
    const inputs = Array.from({ length: 300 }, (_, i) =>
      reads ? { at: i * 7, template: i % 7, count: Math.floor(i / 7) + 1 } : { events: [i % 7, i % 3, 1] },
    );

    expect(stream(detector, inputs).steps).toEqual(stream(detector, inputs, {}, false).steps);
  });

  it('says nothing about the first thing it sees, nor about the same thing over and over', () => {
    const { steps } = stream(
      detector,
      Array.from({ length: 300 }, (_, i) => same(i)),
    );

    expect(Math.max(...steps.map(({ score }) => score))).toBeLessThan(0.5);
  });

  it('gives its reasons whenever it scores', () => {
    const inputs = Array.from({ length: 400 }, (_, i) => {
      const isOdd = i % 97 === 96;
      if (!reads) return { events: isOdd ? [i, 1] : [1, 2] };
      return { at: i * 10, template: isOdd ? i : 1, count: isOdd ? 1 : i + 1 };
    });

    for (const { score, because } of stream(detector, inputs, { warmUp: 2 }).steps)
      expect(because.length > 0).toBe(score > 0);
  });

  it('keeps less than 200 KB, whatever new things a log says', () => {
    const inputs = Array.from({ length: 1500 }, (_, i) =>
      reads ? { at: i, template: i, count: 1 } : { events: [i, i + 1, i + 2] },
    );

    expect(JSON.stringify(stream(detector, inputs, {}, false).state).length).toBeLessThan(200_000);
  });
});
