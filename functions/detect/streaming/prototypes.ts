export type Vector = Float64Array | Float32Array;

/**
 * Novelty as the distance to the nearest of a bounded set of prototypes: what was seen once is no longer new. The set
 * covers every vector seen within `radius` (the doubling algorithm for streaming k-center: Charikar, Chekuri, Feder and
 * Motwani 1997), so memory stays bounded however long the stream. The score is that of nearest-neighbour novelty
 * detection (Ramaswamy et al. 2000, k = 1).
 */
export interface Prototypes {
  readonly dimensions: number;
  readonly capacity: number;
  readonly points: Vector;
  /** Squared weight of each dimension in the distance. */
  readonly weights: Float64Array;
  count: number;
  radius: number;
}

/** @param Kind of numbers they are kept in; the vectors given must be of the same, or what was seen is not found again */
export function startPrototypes(
  dimensions: number,
  capacity: number,
  Kind: Float64ArrayConstructor | Float32ArrayConstructor = Float64Array,
): Prototypes {
  return {
    dimensions,
    capacity,
    points: new Kind(dimensions * capacity),
    weights: new Float64Array(dimensions).fill(1),
    count: 0,
    radius: 0,
  };
}

/** The distance of `vector` (its first `dimensions` numbers) to the nearest prototype (0 for the first), which it then joins unless it is covered. */
export function novelty(set: Prototypes, vector: Vector): number {
  if (set.count === 0) {
    add(set, vector);
    return 0;
  }
  const distance = Math.sqrt(nearest(set, vector, 0, 0, set.count));
  if (distance > set.radius) {
    if (set.count === set.capacity) thin(set);
    add(set, vector);
  }
  return distance;
}

function add(set: Prototypes, vector: Vector): void {
  const at = set.count++ * set.dimensions;
  for (let j = 0; j < set.dimensions; j++) set.points[at + j] = vector[j]!;
}

/** Squared distance of the vector at `at` of `vectors` to the nearest of the prototypes `first` .. `end` - 1. */
function nearest(
  { points, weights, dimensions }: Prototypes,
  vectors: Vector,
  at: number,
  first: number,
  end: number,
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let k = first, base = first * dimensions; k < end; k++, base += dimensions) {
    let sum = 0;
    for (let j = 0; j < dimensions && sum < best; j++) {
      const d = vectors[at + j]! - points[base + j]!;
      sum += weights[j]! * d * d;
    }
    if (sum < best) best = sum;
  }
  return best;
}

/** Widens the radius, and lets go of prototypes that another now covers, until at least a seventh of the set is free. */
function thin(set: Prototypes): void {
  do {
    set.radius = Math.max(1.3 * set.radius, quarterOfGaps(set));
    keepApart(set);
  } while (set.count > 0.85 * set.capacity);
}

function keepApart(set: Prototypes): void {
  const { points, dimensions, count, radius } = set;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const at = k * dimensions;
    if (kept > 0 && Math.sqrt(nearest(set, points, at, 0, kept)) <= radius) continue;
    points.copyWithin(kept * dimensions, at, at + dimensions);
    kept++;
  }
  set.count = kept;
}

/** A quarter of the prototypes have a neighbour at most this far. */
function quarterOfGaps(set: Prototypes): number {
  const { points, dimensions, count } = set;
  const gaps = Float64Array.from({ length: count }, (_, k) => {
    const at = k * dimensions;
    return Math.sqrt(Math.min(nearest(set, points, at, 0, k), nearest(set, points, at, k + 1, count)));
  });
  return gaps.sort()[count >> 2]!;
}
