import type { Seconds } from '../../../layers/core/units.ts';
import type { Measured } from './input.ts';
import { normalOf } from './spread.ts';
import { parts } from './change.ts';
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';

/**
 * What a resource's trouble adds up to since the onset, in a unit that adds up along calls: seconds of waiting (latency in
 * excess of the usual, times requests) and failed requests (in excess of the usual). A caller that waits for a slow callee
 * has at least the callee's seconds among its own, so the two can be set off against each other, which standard deviations
 * of different metrics cannot.
 */
export interface Excess {
  readonly seconds?: number;
  readonly failures?: number;
}

export function excessOf(series: readonly Measured[], from: Seconds): Excess {
  const requests = series.find(({ kind }) => kind === 'traffic');
  const latencies = series.filter(({ kind }) => kind === 'latency');
  const latency = latencies.find(({ mean }) => mean) ?? (latencies.length === 1 ? latencies[0] : undefined);
  const availability = series.find(({ kind }) => kind === 'availability');
  const failures = series.find(({ kind }) => kind === 'failures');
  const seconds = requests && latency ? total(latency, from, 1, requests) : undefined;
  const failed = failures
    ? total(failures, from, 1)
    : requests && availability
      ? total(availability, from, -0.01, requests)
      : undefined;
  return { ...(seconds === undefined ? {} : { seconds }), ...(failed === undefined ? {} : { failures: failed }) };
}

/** Sum over the points since the onset of (value - usual) × factor × requests at that time, where positive. */
function total(series: Measured, from: Seconds, factor: number, requests?: Measured): number | undefined {
  const usual = usualOf(series, from, factor);
  if (usual === undefined) return undefined;
  const counts = requests && new Map([...requests.times].map((at, i) => [at, requests.values[i] ?? NaN]));
  let sum = 0;
  series.values.forEach((value, i) => {
    const at = series.times[i] ?? NaN;
    const count = counts ? (counts.get(at) ?? NaN) : 1;
    if (!(at >= from) || !Number.isFinite(value) || !Number.isFinite(count)) return;
    sum += Math.max(0, (value - usual) * factor) * count;
  });
  return sum;
}

/** The worse of the level of another time and the level just before: what is no worse than either is not in excess. */
function usualOf(series: Measured, from: Seconds, factor: number): number | undefined {
  const { before } = parts(series, from);
  const reference = series.reference?.filter(Number.isFinite) ?? new Float64Array();
  const local = quantileOf(sortedFinite(before), 0.5);
  if (reference.length < 3) return before.length < 3 ? undefined : local;
  const { level } = normalOf(reference, series.kind);
  if (Number.isNaN(local)) return level;
  return factor > 0 ? Math.max(level, local) : Math.min(level, local);
}
