/**
 * Labelled series made from a seed, to tune on what nobody is scored on: what monitoring series are like by nature (noise
 * that is not normal, seasons, bursts that are usual, drifts), and what goes wrong with them. Windows as NAB labels them:
 * a tenth of a series, shared by its anomalies, each around its onset.
 */
import type { Sample } from '../../layers/core/detector.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { pick } from '../../sandbox/load/random.ts';
import { between, normal } from '../../simulator/world/chance.ts';
import type { Case } from './cases.ts';

interface Chance {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Standard normal. */
  readonly normal: () => number;
  readonly between: (low: number, high: number) => number;
  readonly one: <T>(of: readonly T[]) => T;
}

/** Values of a healthy series; `day` is the number of samples in one. */
type Habit = (chance: Chance, length: number, day: number) => Float64Array;
/** Changes the values from `onset` on; `scale` is the width of the healthy values. */
type Trouble = (values: Float64Array, onset: number, scale: number, chance: Chance, day: number) => void;

const START = 1_700_000_000;

export function syntheticCases(count: number, seed: number): readonly Case[] {
  return Array.from({ length: count }, (_, i) => syntheticCase(i, chanceOf(seed * 10_007 + i)));
}

function chanceOf(seed: number): Chance {
  const uniform = seeded(seed);
  return {
    uniform,
    normal: () => normal(uniform),
    between: (low, high) => between(uniform, low, high),
    one: (of) => pick(uniform, of),
  };
}

function syntheticCase(index: number, chance: Chance): Case {
  const [habit, makeHabit] = chance.one(Object.entries(HABITS));
  const step = chance.one([300, 300, 300, 1800, 3600]);
  const length = Math.round(chance.between(1500, 4500));
  const day = 86_400 / step;
  const values = makeHabit(chance, length, day);
  live(values, chance, day);
  const scale = width(values);
  const onsets = onsetsIn(length, Math.floor(chance.uniform() * 4), chance);
  const names = onsets.map((onset) => {
    const [name, trouble] = chance.one(Object.entries(TROUBLES));
    trouble(values, onset, scale, chance, day);
    return name;
  });
  const offset = chance.one([0, 0, 100, 1e6]);
  const samples: Sample[] = Array.from(values, (value, t) => ({ at: START + t * step, value: value + offset }));
  const half = Math.floor((0.1 * length) / Math.max(1, onsets.length) / 2);
  const windows = onsets.map((onset) => [onset - half, Math.min(length - 1, onset + half)] as const);
  return { file: `${habit}/${index} ${names.join(' ')}`.trim(), aws: false, samples, windows };
}

/** Onsets after probation, each in a part of its own, so that windows never meet. */
function onsetsIn(length: number, count: number, chance: Chance): readonly number[] {
  const part = (0.75 * length) / Math.max(1, count);
  return Array.from({ length: count }, (_, k) => Math.floor(0.2 * length + part * (k + chance.between(0.25, 0.75))));
}

function width(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))]!;
  return at(0.9) - at(0.1) || at(1) - at(0) || 1;
}

const made = (length: number, value: (t: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, t) => value(t));

/** Noise that remembers its last value. */
function remembering(chance: Chance, memory: number): () => number {
  let level = 0;
  return () => (level = memory * level + Math.sqrt(1 - memory * memory) * chance.normal());
}

const HABITS: Readonly<Record<string, Habit>> = {
  /** A fleet's CPU: level, some memory. */
  level: (chance, length) => {
    const noise = remembering(chance, chance.between(0, 0.9));
    return made(length, () => 40 + 4 * noise());
  },
  /** An idle machine: hardly anything, in steps as it is reported. */
  quiet: (chance, length) => made(length, () => 0.06 * Math.max(1, Math.round(2 + 0.5 * chance.normal()))),
  /** Requests: day and week, noise that grows with the level. */
  season: (chance, length, day) => {
    const [depth, weekend, phase] = [chance.between(0.3, 0.9), chance.between(0.5, 1), chance.uniform()];
    return made(length, (t) => {
      const daily = 1 + depth * Math.sin(2 * Math.PI * (t / day + phase));
      return Math.max(0, 1000 * daily * (t % (7 * day) > 5 * day ? weekend : 1) * (1 + 0.08 * chance.normal()));
    });
  },
  /** Bytes: orders of magnitude up and down. */
  bursts: (chance, length) => {
    const noise = remembering(chance, chance.between(0.3, 0.9));
    return made(length, () => 1e5 * Math.exp(noise()));
  },
  /** A batch job: bursts that come every so often, as usual. */
  jobs: (chance, length, day) => {
    const [every, lasts] = [Math.round(day / chance.one([1, 2, 4])), Math.round(chance.between(1, 8))];
    return made(length, (t) => (t % every < lasts ? 60 + 6 * chance.normal() : 5 + chance.normal()));
  },
  /** Counts of something rare. */
  counts: (chance, length, day) =>
    made(length, (t) => {
      const busy = 2 + Math.sin((2 * Math.PI * t) / day);
      return Math.floor(-busy * Math.log(1 - chance.uniform()) * (chance.uniform() < 0.003 ? 4 : 1));
    }),
  /** A slow walk about a day's course, as temperatures are. */
  walk: (chance, length, day) => {
    const noise = remembering(chance, 0.998);
    return made(length, (t) => 70 + 3 * noise() + 2 * Math.sin((2 * Math.PI * t) / day) + 0.3 * chance.normal());
  },
  /** On by day, off by night. */
  square: (chance, length, day) => made(length, (t) => (t % day > day / 3 ? 80 : 20) + chance.normal()),
};

/**
 * What healthy series go through without anybody's calling it an anomaly: spikes with a heavy tail, small lasting shifts
 * (a deployment, another host), days that are more restless or busier than others.
 */
function live(values: Float64Array, chance: Chance, day: number): void {
  const scale = width(values);
  const pick = () => Math.floor(chance.uniform() * values.length);
  const many = Math.floor(chance.between(0, 1) ** 2 * 30);
  for (let k = 0; k < many; k++) {
    const height = 0.3 * scale * (1 - chance.uniform()) ** -0.6;
    over(values, pick(), Math.ceil(chance.between(0, 4)), (value) => value + height);
  }
  for (let k = Math.floor(chance.between(0, 5)); k > 0; k--) {
    const by = 0.25 * scale * chance.normal();
    over(values, pick(), chance.one([values.length, 2 * day]), (value) => value + by);
  }
  for (let k = Math.floor(chance.between(0, 6)); k > 0; k--) {
    const [more, busier] = [0.15 * scale * chance.uniform(), 1 + 0.15 * chance.normal()];
    over(values, pick(), day * chance.between(0.2, 2), (value) => value * busier + more * chance.normal());
  }
}

const over = (
  values: Float64Array,
  from: number,
  lasts: number,
  change: (value: number, t: number) => number,
): void => {
  for (let t = from; t < Math.min(values.length, from + lasts); t++) values[t] = change(values[t]!, t - from);
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  spike: (values, onset, scale, chance) => {
    const height = scale * chance.between(1.5, 6);
    over(values, onset, Math.ceil(chance.between(0, 5)), (value) => value + height);
  },
  dip: (values, onset, scale, chance) => {
    const depth = scale * chance.between(0.8, 2);
    over(values, onset, Math.ceil(chance.between(1, 12)), (value) => value - depth);
  },
  shift: (values, onset, scale, chance) => {
    const by = scale * chance.between(0.7, 2) * chance.one([-1, 1]);
    over(values, onset, chance.one([values.length, values.length * 0.1]), (value) => value + by);
  },
  outage: (values, onset, _scale, chance, day) => {
    const lowest = Math.min(
      0,
      values.reduce((low, value) => Math.min(low, value)),
    );
    over(values, onset, day * chance.between(0.1, 0.8), () => lowest);
  },
  stuck: (values, onset, _scale, chance, day) => {
    const held = values[onset]!;
    over(values, onset, day * chance.between(0.3, 1), () => held);
  },
  restless: (values, onset, scale, chance, day) => {
    over(values, onset, day * chance.between(0.2, 1), (value) => value + 0.7 * scale * chance.normal());
  },
  leak: (values, onset, scale, chance, day) => {
    const lasts = day * chance.between(0.5, 2);
    const slope = (scale * chance.between(1, 3)) / lasts;
    over(values, onset, lasts, (value, t) => value + slope * t);
  },
  /** The day as it should have been half a day ago. */
  hour: (values, onset, _scale, _chance, day) => {
    const past = values.slice();
    const half = Math.floor(day / 2);
    over(values, onset, day, (_, t) => past[Math.max(0, onset + t - half)]!);
  },
  /** Spikes no higher than some before, but many. */
  frequent: (values, onset, scale, chance, day) => {
    for (let t = Math.floor(0.05 * values.length); t < onset; t += Math.floor(day * chance.between(0.7, 3))) {
      values[t]! += 2 * scale;
    }
    over(values, onset, day * chance.between(0.3, 1), (value) => value + (chance.uniform() < 0.2 ? 2 * scale : 0));
  },
};
