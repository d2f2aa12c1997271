import type { Ratio, Seconds } from '../../../layers/core/units.ts';

/**
 * What a metric measures. It decides which direction is bad, which difference is too small to matter, and how a symptom
 * travels: `latency` and `failures` of a callee show in its callers, `saturation` stays where it is, `traffic` follows the
 * callers.
 */
export type Kind =
  | 'latency' // seconds, as the resource answers
  | 'outgoing' // seconds, as its own calls are answered
  | 'failures' // count a period
  | 'availability' // percent of requests that succeed
  | 'traffic' // requests, a period or a second
  | 'cpu' // percent, or any measure of processor time
  | 'memory' // percent, bytes
  | 'calls' // calls to another for each request: derived, see `callsMade`
  | 'network' // bytes
  | 'saturation' // any other finite resource: queue depth, connections, file descriptors, system calls
  | 'other';

/**
 * One metric of one resource. `values[i]` was measured at `times[i]`, seconds since the epoch, in any order; what is not
 * finite is a gap.
 */
export interface Measured {
  readonly node: string;
  readonly metric: string;
  readonly kind: Kind;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Values of normal operation that were recorded at another time, in the order of time. */
  readonly reference?: Float64Array;
  /** What it can be at most, where that is known: use that is far from it does no harm. */
  readonly limit?: number;
  /** True for the mean of a quantity that percentiles are given of, too: the mean adds up, so it speaks for all of them. */
  readonly mean?: boolean;
}

/** `from` calls `to`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** How sure it is that the edge exists. Default 1. */
  readonly confidence?: Ratio;
  /** Share of the new trouble that `from` logs in which it names `to`: by its own word it suffers from it. */
  readonly named?: Ratio;
  /** How long the calls take as the caller sees it: seconds, as in `Measured`. */
  readonly seconds?: Pick<Measured, 'times' | 'values' | 'reference'>;
  /** How long the same calls take as the callee sees it. The rest is the network between them. */
  readonly answered?: Pick<Measured, 'times' | 'values' | 'reference'>;
}

/** Something in the logs or traces of a resource that differs from before, already judged. */
export interface Event {
  readonly node: string;
  /** A sentence with numbers and what they are compared with. */
  readonly what: string;
  /** How sure it is that it differs: the logarithm of a Bayes factor, or a z-score. 0 is nothing. */
  readonly strength: number;
  /** What it says of the way in which work goes on since: broken off by an error, or on another way than it went. */
  readonly way?: 'broken-off' | 'another' | undefined;
}

/** A change that somebody made to a resource, at seconds since the epoch. */
export interface Made {
  readonly node: string;
  readonly at: Seconds;
  readonly what: string;
}

export interface RankingInput {
  readonly measured: readonly Measured[];
  /** May be empty, may hold cycles, may name resources without metrics. */
  readonly edges: readonly Edge[];
  readonly events?: readonly Event[];
  readonly changes?: readonly Made[];
  /** Where the trouble was noticed, and on which kind of metric. */
  readonly target?: { readonly node: string; readonly kind?: Kind };
  /** Seconds since the epoch. */
  readonly onset: Seconds;
  /** How far the true onset may lie from it. Default one minute, or the longest period when that is longer. */
  readonly tolerance?: Seconds;
}

/** A candidate, most probable first. */
export interface Ranked {
  readonly node: string;
  /** At least 0; only its order and its ratio to the others mean something. */
  readonly score: number;
  /** Score over the sum of all scores. */
  readonly share: Ratio;
  /** Which numbers, compared with what, strongest first. */
  readonly because: readonly string[];
}
