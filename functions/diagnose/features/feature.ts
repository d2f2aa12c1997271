import type { Root } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';

/** One number that tells faults apart. Pure: the same evidence gives the same number. */
export interface Feature {
  /** Stable: the trained model knows it by this. */
  readonly name: string;
  readonly unit: 's' | 'ratio' | 'share' | 'percent' | 'count' | 'yes/no' | 'correlation';
  /** What it is, for docs/diagnosis.md. */
  readonly summary: string;
  /** Undefined or not finite where the evidence does not say. @param roots as `rootsOf` ranks them */
  readonly of: (evidence: Evidence, roots: readonly Root[]) => number | undefined;
}

export const defineFeature = (feature: Feature): Feature => feature;

export const yesNo = (holds: boolean): number => (holds ? 1 : 0);

/** Undefined where there is nothing to share. */
export const shareOf = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);
