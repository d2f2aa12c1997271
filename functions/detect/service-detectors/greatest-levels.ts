import { defineServiceDetector, sharesOf } from '../../../layers/core/service-detector.ts';

/** Metrics that count: trouble often shows in a few only, which a mean over all would hide. */
const GREATEST = 3;

/**
 * Mean of the metrics that are furthest from their usual level, in units of their own healthy spread (the plain deviation of each
 * sensor as the baseline to beat: Sarfraz et al. 2024; the few greatest of them: Deng and Hooi 2021). It needs no learning of its
 * own, and sees what lasts: the others look at what moves, or at how metrics stand to each other.
 */
export const detector = defineServiceDetector<Record<string, never>>({
  name: 'greatest-levels',
  summary: 'A few metrics are far from their usual level.',
  fit: () => ({}),
  score(_, { level }) {
    const sizes = Array.from(level, Math.abs);
    const greatest = sizes.toSorted((a, b) => b - a).slice(0, GREATEST);
    const least = greatest.at(-1) ?? 0;
    const shares = sharesOf(sizes.map((size) => (size >= least ? size : 0)));
    return { score: greatest.reduce((sum, size) => sum + size, 0) / Math.max(1, greatest.length), shares };
  },
});
