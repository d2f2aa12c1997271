/**
 * One row of a service's metrics as its detectors see it, each metric in units of its own spread while healthy.
 * All are finite, a value a metric; a level or innovation of 0 is what was expected, also where nothing was measured.
 */
export interface ServiceView {
  /** What it is, without its daily profile. */
  readonly level: ArrayLike<number>;
  /** What of it the last rows of all metrics did not foretell. */
  readonly innovation: ArrayLike<number>;
  /** Means over the last half hour or so, the newest row weighing most. */
  readonly lately: {
    readonly level: ArrayLike<number>;
    /** Of the levels' absolute values. */
    readonly size: ArrayLike<number>;
  };
}

export interface ServiceScore {
  /** 0 or more; comparable within one detector and model only. */
  readonly score: number;
  /** How much each metric carries of it: 0 or more, 1 in all, or all 0 where the score is 0. */
  readonly shares: readonly number[];
}

/**
 * A detector over all metrics of a service at once: small and pure, its model plain JSON, so that it can be kept,
 * versioned and rolled back. One file in functions/detect/service-detectors, exported as `detector`.
 */
export interface ServiceDetector<Model = unknown> {
  readonly name: string;
  readonly summary: string;
  /** Learns what is normal from rows of mostly healthy time, at least one. The same rows and seed make the same model. */
  fit(healthy: readonly ServiceView[], seed: number): Model;
  score(model: Model, view: ServiceView): ServiceScore;
}

export function defineServiceDetector<Model>(detector: ServiceDetector<Model>): ServiceDetector<Model> {
  return detector;
}

/** Parts of a whole; all 0 where there is nothing to share. */
export function sharesOf(parts: readonly number[]): number[] {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (whole > 0 ? part / whole : 0));
}
